package deploy

import (
	"time"

	"mrsk/internal/app"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// Maintenance plans that clients of the app get 503 with a page that holds the message. The
// containers run on, and requests in flight may take as long as drain to end.
func Maintenance(s State, message string, drain time.Duration) (*plan.Plan, error) {
	return s.rerouted("begin", "maintenance", func(h facts.Host, role string) ([]plan.Step, error) {
		known, _ := s.Scope.Role(role)
		owner := traefik.OfRole(s.Scope.Project, role)
		steps, err := owner.Maintenance(known.Proxy, message, h)
		if err != nil || len(steps) == 0 {
			return nil, err
		}
		serving := owner.Serving(h)
		for _, k := range app.Running(h, role) {
			if k.Alias == serving {
				steps = append(steps, owner.Drain(k.Alias, k.Name, drain, h))
			}
		}
		return append(steps, server.Audit(role, "Put into maintenance")), nil
	})
}

// Live plans that requests reach the containers again. A deploy does so, too.
func Live(s State) (*plan.Plan, error) {
	return s.rerouted("end", "live", func(h facts.Host, role string) ([]plan.Step, error) {
		steps, err := traefik.OfRole(s.Scope.Project, role).Live(h)
		if err != nil || len(steps) == 0 {
			return nil, err
		}
		return append(steps, server.Audit(role, "Put live")), nil
	})
}

// rerouted plans a change of the routes of all roles behind the proxy.
func (s State) rerouted(verb, name string, change func(h facts.Host, role string) ([]plan.Step, error)) (*plan.Plan, error) {
	var errs []error
	phase := s.phase(name, func(h facts.Host) []plan.Step {
		var steps []plan.Step
		for _, role := range s.Scope.RolesOn(h.Name) {
			if role.Proxy == nil {
				continue
			}
			more, err := change(h, role.Name)
			steps, errs = append(steps, more...), append(errs, err)
		}
		return expect(s.Scope.Project, h, steps)
	})
	return s.plan(verb+" the maintenance of", phase), joined(errs)
}

// live tells which roles a rollout ends the maintenance of.
func (r Request) live() []string {
	var notes hostNotes
	for _, b := range r.boots() {
		content, _ := b.boot.Host.Route(traefik.OfRole(r.Scope.Project, b.boot.Role.Name).File())
		if b.route != nil && traefik.InMaintenance(content) {
			notes.add(b.boot.Host.Name, hostNote{"role " + b.boot.Role.Name + " is in maintenance on ", "; with version " + r.Version + " it is live again"})
		}
	}
	return notes.texts()
}
