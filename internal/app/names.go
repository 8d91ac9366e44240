// Package app plans the steps for an app's containers: run, wait, stop, start, remove. It is pure: the
// steps depend only on the configuration and the facts of a host.
package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
)

// Prefix returns the beginning of the names of a role's containers: service-role[-destination].
func Prefix(c *config.Project, role string) string {
	name := c.Service + "-" + role
	if c.Destination != "" {
		name += "-" + c.Destination
	}
	return name
}

// ContainerName returns the name of a role's container: service-role[-destination]-version.
func ContainerName(c *config.Project, role, version string) string {
	return Prefix(c, role) + "-" + version
}

// Hostname returns the host name inside a container: the host's name, a dash, and unique, which has twelve
// digits. It cuts the host's name, because Linux allows 64 characters.
func Hostname(host, unique string) string {
	return host[:min(len(host), 51)] + "-" + unique
}

// filters returns options of docker ps that select the app's containers, of one role or of all.
func filters(c *config.Project, role string) []string {
	out := []string{
		"--filter", "label=" + docker.LabelService + "=" + c.Service,
		"--filter", "label=" + docker.LabelDestination + "=" + c.Destination,
	}
	if role != "" {
		out = append(out, "--filter", "label="+docker.LabelRole+"="+role)
	}
	return out
}
