package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/shell"
)

// Logs shows the log of a role's container: of the newest one that runs, else of the one that
// was made last. One that is followed is followed to its successor.
func Logs(c *config.Project, role string, logs docker.Logs) shell.Line {
	what := "container of role " + role
	if logs.Follow {
		return logs.Followed(what, filters(c, role)...)
	}
	return docker.Newest(what, filters(c, role)...).Then(logs.Of(docker.Found()))
}
