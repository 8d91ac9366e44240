package observe

import (
	"fmt"

	"mrsk/internal/accessory"
	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// answers returns what a host printed at a question.
type answers = func(question string) []byte

// part is the facts of one feature: the questions, and the parser for the answers. Parts do not
// depend on each other; all of them may read facts.Host.Seen, which is filled in before.
type part struct {
	questions []plan.Step
	read      func(answers, *facts.Host) error
}

// parts are all that is wanted to be known about a host.
func (o *Observer) parts(host string, want Want) []part {
	c, here := o.opts.Scope, []config.Accessory(nil)
	if want.Accessories {
		here = c.AccessoriesOn(host)
	}
	all := []part{
		{server.Observe(), server.Read},
		containers(c.Project, here),
		{app.Observe(c.Project), func(a answers, h *facts.Host) error { return app.Read(c.Project, a, h) }},
		{traefik.Observe(), traefik.Read},
	}
	if want.Network {
		all = append(all, part{traefik.ObserveNetwork(), traefik.ReadNetwork})
	}
	if want.Locks {
		all = append(all, part{lock.Observe(), lock.Read})
	}
	if want.Former {
		all = append(all, part{traefik.ObserveFormer(c.AutomaticNames()), traefik.ReadFormer})
	}
	if want.Accessories {
		all = append(all, part{accessory.Observe(here), func(a answers, h *facts.Host) error { return accessory.Read(here, a, h) }})
	}
	return all
}

// seeContainers is the name of the question for the containers of all features.
const seeContainers = "look at the containers"

// containers asks docker once for the containers of all features. Each picks its own out of
// facts.Host.Seen, so this part has nothing to read.
func containers(c *config.Project, accessories []config.Accessory) part {
	services := []string{c.Service}
	for _, a := range accessories {
		services = append(services, a.Service)
	}
	look := docker.Look(services, traefik.Container)
	return part{
		questions: []plan.Step{{Name: seeContainers, Run: look, Captured: true}},
		read:      func(answers, *facts.Host) error { return nil },
	}
}

func questions(parts []part) []plan.Step {
	var all []plan.Step
	for _, p := range parts {
		all = append(all, p.questions...)
	}
	return all
}

// read makes facts of what a host has answered. The facts of a question without an answer are zero.
func read(host string, parts []part, known map[string][]byte) (facts.Host, error) {
	h := facts.Host{Name: host}
	seen, err := docker.Lines(known[seeContainers], func(s docker.Seen) docker.Seen { return s })
	if err != nil {
		return h, fmt.Errorf("read docker's list of containers: %w", err)
	}
	h.Seen = seen
	for _, p := range parts {
		if err := p.read(func(question string) []byte { return known[question] }, &h); err != nil {
			return h, err
		}
	}
	return h, nil
}
