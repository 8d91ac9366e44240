package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/plan"
	"mrsk/internal/script"
)

// labelRelease marks the container of a release command; its value is the app's name.
const labelRelease = "mrsk.release"

// ReleaseRequest is a release command to run.
type ReleaseRequest struct {
	Scope   *config.Scope
	Secrets config.Secrets
	Role    config.Role
	Host    string
	Version string
	Token   string
}

// Release returns the steps that run the release command in a container of the new image with the new
// environment, and wait until it exits.
func Release(r ReleaseRequest) []plan.Step {
	unique := docker.Hash(12, r.Token, "release")
	name := Prefix(r.Scope.Project, r.Role.Name) + "-release-" + unique
	c := OneOff(r.Scope.Project, r.Secrets, r.Role, r.Host, r.Version, name)
	c.Labels = []config.Pair{{Name: labelRelease, Value: r.Scope.Project.Name()}}
	c.Cmd = r.Scope.Project.Release
	return []plan.Step{
		{
			Name:     "remove what is left of an earlier release command",
			Run:      docker.Discard.Call(labelRelease+"="+r.Scope.Project.Name(), "0"),
			Captured: true,
		},
		{
			Name:  "run the release command: " + r.Scope.Project.Release,
			Cause: "it runs once before any new container starts",
			Kind:  script.Program,
			Run:   c.Once(),
			Role:  r.Role.Name,
		},
	}
}

// OneOff returns a container of a role that runs one command beside the app.
func OneOff(c *config.Project, secrets config.Secrets, role config.Role, host, version, name string) docker.Container {
	return docker.Container{
		Name:     name,
		Image:    c.AbsoluteImage(version),
		Hostname: Hostname(host, docker.Hash(12, name)),
		Own:      Own(c, name, host, version),
		Env:      secrets.Env(role.EnvOn(host)),
		Volumes:  role.Volumes,
		Logging:  role.Logging,
		Options:  docker.Repeatable(role.Options),
	}
}
