package deploy

import (
	"mrsk/internal/config"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// finish returns the steps after the commit. Their failures roll nothing back: a step marked Late
// fails the command at the end, and others are warnings.
func (r Request) finish(host string, boots []roleBoot, batched bool) []plan.Step {
	var steps []plan.Step
	for _, b := range boots {
		if b.route != nil {
			steps = append(steps, b.route.Sweep(b.boot.Host)...)
			steps = append(steps, b.route.Unshare(b.boot.Host)...)
		} else {
			steps = append(steps, traefik.ForRole(r.Scope.Project, b.boot.Role, "").Unshare(b.boot.Host)...)
		}
		steps = append(steps, server.AuditBooted(b.boot.Role.Name, r.Version))
		if old, runs := b.boot.Old(); runs && !batched && b.boot.StopFirst() == "" {
			steps = append(steps, r.drain(b, old)...)
			steps = append(steps, late(b.boot.Stop(old, "version "+r.Version+" has taken over")))
		}
		for _, c := range b.boot.Stale() {
			steps = append(steps, late(b.boot.Stop(c, "it is left over from another run")))
		}
	}
	steps = append(steps, r.retireFormer(host)...)
	if len(boots) > 0 {
		steps = append(steps, boots[0].boot.TagLatest())
	}
	if r.Prune {
		steps = append(steps, r.prune(host)...)
	}
	for _, b := range boots {
		if b.route != nil {
			steps = append(steps, late(b.route.Hold(server.Locked)))
		}
		steps = append(steps, b.survey())
	}
	return steps
}

// retireFormer stops roles that the configuration no longer has on the host. Otherwise a renamed role
// would keep running old code beside its successor.
func (r Request) retireFormer(host string) []plan.Step {
	var steps []plan.Step
	s := State{Scope: r.Scope, Facts: r.Facts}
	for _, role := range r.retired(host) {
		for _, step := range s.halt(r.Facts[host], role, "the configuration has no role "+role.Name+" on this host") {
			steps = append(steps, late(step))
		}
		steps = append(steps, traefik.ForRole(r.Scope.Project, role, "").Unshare(r.Facts[host])...)
	}
	return steps
}

// retired are the former roles of a host, in a run that covers the whole host.
func (r Request) retired(host string) []config.Role {
	if !all(r.Scope, host) {
		return nil
	}
	return former(r.Scope.Project, r.Facts[host])
}

// late marks a step whose failure leaves something running: the next steps run, and the command fails.
func late(s plan.Step) plan.Step {
	s.Late = !s.BestEffort
	return s
}
