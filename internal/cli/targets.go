package cli

import (
	"mrsk/internal/config"
	"mrsk/internal/session"
)

// hostTargets are hosts, one target each.
func hostTargets(hosts []string) []session.Target {
	var out []session.Target
	for _, h := range hosts {
		out = append(out, session.Target{Host: h, Alone: true})
	}
	return out
}

// roleTargets are the roles of c on its hosts, host by host.
func roleTargets(c *config.Scope) []session.Target {
	var out []session.Target
	for _, h := range c.AppHosts() {
		roles := c.RolesOn(h)
		for _, r := range roles {
			out = append(out, session.Target{Host: h, Role: r.Name, Alone: len(roles) == 1})
		}
	}
	return out
}
