// Package app turns a configuration and what was seen on a host into the steps for an app's
// containers: run, wait, stop, start, remove. It is pure: it renders steps and runs nothing.
package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
)

// Prefix is what the names of a role's containers begin with: service-role, and the destination
// if there is one.
func Prefix(c *config.Project, role string) string {
	name := c.Service + "-" + role
	if c.Destination != "" {
		name += "-" + c.Destination
	}
	return name
}

// Name is the name of a role's container of a version.
func Name(c *config.Project, role, version string) string {
	return Prefix(c, role) + "-" + version
}

// Hostname is the host name inside a container: the host's, cut to fit into 64 characters with
// a dash and twelve digits.
func Hostname(host, unique string) string {
	return host[:min(len(host), 51)] + "-" + unique
}

// filters select the app's containers in docker ps, of one role or of all.
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
