package deploy

import (
	"slices"

	"mrsk/internal/app"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/traefik"
)

// bring returns the steps that a role's new container and its route need first.
func (r Request) bring(b roleBoot) []plan.Step {
	if b.route == nil {
		return nil
	}
	steps := b.route.Files(b.boot.Host)
	if r.batched() {
		return steps // the assets are there, see prepare
	}
	return append(steps, b.boot.Assets(traefik.HelperImage())...)
}

func (r Request) batched() bool { return len(r.Scope.Project.Batches(r.Scope.AppHosts())) > 1 }

// prepare is the phase before the first of several batches. As soon as one of them serves the new
// version, its clients may ask any other host for the new assets, and an ACME server that a new
// route has called may ask any other host for the proof. Volumes that a failed run leaves go with
// the next one.
func (r Request) prepare() []plan.Phase {
	phase := phaseOn("prepare", r.Scope.AppHosts(), r.Facts, func(h facts.Host) []plan.Step {
		if !r.prepares(h.Name) {
			return nil
		}
		steps := r.ground(h.Name)
		for _, b := range r.bootsOn(h.Name) {
			steps = append(steps, forward(b.boot.Assets(traefik.HelperImage()))...)
		}
		return steps
	})
	phase.Hosts = slices.DeleteFunc(phase.Hosts, func(h plan.Host) bool { return len(h.Stages[0].Steps) == 0 })
	if len(phase.Hosts) == 0 {
		return nil
	}
	return []plan.Phase{phase}
}

// prepares reports whether the ground of a host is part of prepare.
func (r Request) prepares(host string) bool {
	return r.batched() && slices.ContainsFunc(r.bootsOn(host), func(b roleBoot) bool {
		return b.boot.Role.Assets.Path != "" || b.route != nil && len(b.route.Pass(b.boot.Host)) > 0
	})
}

// sweepAssets removes the assets that go with the containers which this run removes.
func (r Request) sweepAssets(host string) []plan.Step {
	var steps []plan.Step
	for _, role := range r.Scope.RolesOn(host) {
		if role.Assets.Path != "" {
			steps = append(steps, app.SweepAssets(r.Scope.Project, role.Name, "they were those of earlier versions"))
		}
	}
	return steps
}
