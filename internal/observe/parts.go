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

// answers returns the output of a host for a question.
type answers = func(question string) []byte

// part has the questions of one feature, and the parser of their answers. Parts do not depend on each other.
// All of them may read facts.Host.Seen, which is set before.
type part struct {
	questions []plan.Step
	read      func(answers, *facts.Host) error
}

// parts returns the parts to observe on a host.
func (o *Observer) parts(host string, want Want) []part {
	c, here := o.opts.Scope, []config.Accessory(nil)
	if want.Accessories {
		here = c.AccessoriesOn(host)
	}
	image := c.Project.ProxyRunOn(host).Image
	all := []part{
		{server.Observe(), server.Read},
		containers(c.Project, here),
		{app.Observe(c.Project), func(a answers, h *facts.Host) error { return app.Read(c.Project, a, h) }},
		{traefik.Observe(image), traefik.Reader(image)},
	}
	if want.Network {
		all = append(all, part{traefik.ObserveNetwork(), traefik.ReadNetwork})
	}
	if want.Locks {
		all = append(all, part{lock.Observe(), lock.Read})
	}
	if want.Disk {
		all = append(all, part{server.ObserveDisk(), server.ReadDisk})
	}
	if want.Env {
		all = append(all, part{app.ObserveEnv(c.Project), app.ReadEnv})
	}
	if want.Audit > 0 {
		all = append(all, part{server.ObserveAudit(c.Project, want.Audit), func(a answers, h *facts.Host) error {
			return server.ReadAudit(c.Project, a, h)
		}})
	}
	if want.Issued && c.Project.Issues(host) {
		all = append(all, part{traefik.ObserveIssued(c.Project.ProxyRunOn(host).ACME), traefik.ReadObservedIssued})
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

// containers asks docker once for the containers of all features. Each feature selects its own from
// facts.Host.Seen, so this part parses nothing.
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

// read converts the answers of a host to facts. The facts of a question without an answer are zero.
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
