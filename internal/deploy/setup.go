package deploy

import (
	"maps"
	"strings"

	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/traefik"
)

// Setup plans that the proxies run, then the accessories, and then the rollout of the app. Where
// there is no app, it is the accessories alone.
func Setup(r Request, a Accessories) (*plan.Plan, error) {
	hosts := r.Scope.Hosts()
	prepare := phaseOn("prepare", hosts, r.Facts, func(h facts.Host) []plan.Step { return prepare(r, h) })
	r.Facts = prepared(r)
	a.Facts = r.Facts
	boot, bootErr := BootAccessories(a)
	out, err := &plan.Plan{}, error(nil)
	if len(r.Scope.AppHosts()) > 0 {
		out, err = Rollout(r)
	}
	if err := joined([]error{bootErr, err}); err != nil {
		return nil, err
	}
	// Rollout's plan is what setup does, apart from what comes before it.
	out.Title = r.Verb + " " + named(r.Scope.Project) + " on " + strings.Join(hosts, ", ")
	out.Notes = append(boot.Notes, out.Notes...)
	out.Questions = append(boot.Questions, out.Questions...)
	out.Phases = append(append([]plan.Phase{prepare}, boot.Phases...), out.Phases...)
	return out, nil
}

// prepare is what a host needs before anything is started.
func prepare(r Request, h facts.Host) []plan.Step {
	steps := traefik.Network(h)
	if serves(r.Scope, h.Name) {
		steps = append(steps, traefik.Boot(h, r.settings(h.Name))...)
	}
	return shared(steps)
}

// prepared are the hosts as they are then.
func prepared(r Request) map[string]facts.Host {
	after := maps.Clone(r.Facts)
	for name, h := range after {
		if serves(r.Scope, name) {
			h = traefik.Booted(h, r.settings(name))
		}
		h.Network = true
		after[name] = h
	}
	return after
}
