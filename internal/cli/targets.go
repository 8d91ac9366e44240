package cli

import (
	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/session"
	"mrsk/internal/shell"
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

// shown tells those who want to see commands what is run on a target, secrets hidden.
func (in *invocation) shown(t session.Target, line shell.Line) {
	if in.globals.verbose {
		in.ui().Sink()(event.Note{Host: t.Host, Text: "$ " + line.String()})
	}
}
