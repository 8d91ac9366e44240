package deploy

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

// RemoveApp plans that nothing of the app is left on the hosts but its audit log: containers,
// routes and certificates of the roles of the run, and the images where no role stays.
func RemoveApp(s State) *plan.Plan {
	return s.plan("remove", s.phase("remove", s.removeApp))
}

func (s State) removeApp(h facts.Host) []plan.Step {
	var steps []plan.Step
	roles := s.Scope.RolesOn(h.Name)
	if all(s.Scope, h.Name) {
		roles = append(roles, former(s.Scope.Project, h)...)
	}
	for _, role := range roles {
		steps = append(steps, s.halt(h, role, "the app is removed")...)
		steps = append(steps, traefik.ForRole(s.Scope.Project, role, "").Forget("the app is removed", h)...)
		for _, k := range h.Of(role.Name) {
			steps = append(steps, app.Remove(k))
		}
		if role.Assets.Path != "" {
			steps = append(steps, app.SweepAssets(s.Scope.Project, role.Name, "the app is removed"))
		}
	}
	if all(s.Scope, h.Name) && (len(steps) > 0 || len(h.Images) > 0) {
		steps = append(steps, app.RemoveRest(s.Scope.Project, h)...)
	}
	if len(steps) == 0 {
		return nil
	}
	return append(expect(s.Scope.Project, h, steps), server.Audit("", "Removed app"))
}

// all reports whether the run covers all roles of a host.
func all(c *config.Scope, host string) bool {
	return len(c.RolesOn(host)) == len(c.Project.RolesOn(host))
}

// former are the roles of which the host has containers and that the configuration no longer
// puts there.
func former(c *config.Project, h facts.Host) []config.Role {
	var roles []config.Role
	for _, k := range h.Containers {
		known := func(r config.Role) bool { return r.Name == k.Role }
		if !slices.ContainsFunc(c.RolesOn(h.Name), known) && !slices.ContainsFunc(roles, known) {
			roles = append(roles, config.Role{Name: k.Role})
		}
	}
	return roles
}

// Remove plans that the hosts are left as if the app had never been there: RemoveApp, its
// accessories with their data, the proxy where no other app is behind it, and the login at the
// registries, which logout ends.
func Remove(s State, logout shell.Line) *plan.Plan {
	hosts := s.Scope.Hosts()
	p := RemoveApp(s)
	p.Title = fmt.Sprintf("remove %s and what only it needs from %s", named(s.Scope.Project), strings.Join(hosts, ", "))
	if len(s.Scope.AccessoryHosts()) > 0 {
		accessories := RemoveAccessories(Accessories{Scope: s.Scope, Facts: s.Facts}, false)
		accessories.Phases[0].Name = "remove accessories"
		p.Phases, p.Notes = append(p.Phases, accessories.Phases...), accessories.Notes
	}
	rest := phaseOn("clean up", hosts, s.Facts, func(h facts.Host) []plan.Step {
		steps := shared(traefik.RemoveUnused(h))
		if !logout.Empty() {
			steps = append(steps, plan.Step{Name: "log out of the registry", Cause: "the app is removed", Run: logout, BestEffort: true, Captured: true})
		}
		return steps
	})
	p.Phases = append(p.Phases, rest)
	return p
}
