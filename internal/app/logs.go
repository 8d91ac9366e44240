package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/shell"
)

// Logs returns the command that prints the log of a role's container: the newest running one, or else the
// one created last. With logs.Follow it goes on with the next container when a deploy replaces it.
func Logs(c *config.Project, role string, logs docker.Logs) shell.Line {
	what := "container of role " + role
	if logs.Follow {
		return logs.Followed(what, filters(c, role)...)
	}
	return docker.Newest(what, filters(c, role)...).Then(logs.Of(docker.Found()))
}
