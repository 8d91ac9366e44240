package deploy

import (
	"fmt"
	"strings"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

// State is a change of an app's containers that brings no new version.
type State struct {
	Scope   *config.Scope  // narrowed to the roles and hosts of the run
	Secrets config.Secrets // that Start needs
	Facts   map[string]facts.Host
}

// Stop plans that no container of the app runs any more. The route goes first, so that clients
// get 502 at once, and no request is cut off.
func Stop(s State) *plan.Plan {
	return s.plan("stop", s.phase("stop", func(h facts.Host) []plan.Step {
		var steps []plan.Step
		for _, role := range s.Scope.RolesOn(h.Name) {
			halt := s.halt(h, role, "the app is stopped")
			if len(halt) > 0 {
				halt = append(halt, server.Audit(role.Name, "Stopped app"))
			}
			steps = append(steps, halt...)
		}
		return expect(s.Scope.Project, h, steps)
	}))
}

// halt takes a role out of traffic and stops what runs of it.
func (s State) halt(h facts.Host, role config.Role, cause string) []plan.Step {
	steps := forward(traefik.OfRole(s.Scope.Project, role.Name).Remove(cause, h))
	serving := traefik.OfRole(s.Scope.Project, role.Name).Serving(h)
	running := app.Running(h, role.Name)
	for _, k := range running {
		if serving != "" && k.Alias == serving {
			steps = append(steps, traefik.OfRole(s.Scope.Project, role.Name).Drain(k.Alias, k.Name, s.Scope.Project.DrainTimeout, h))
		}
	}
	for _, k := range running {
		steps = append(steps, app.Halt(k, stopTimeout(role), cause))
	}
	return steps
}

// stopTimeout is docker's own for a role that the configuration no longer has.
func stopTimeout(role config.Role) time.Duration {
	if role.StopTimeout == 0 && len(role.Hosts) == 0 {
		return 10 * time.Second
	}
	return role.StopTimeout
}

// forward is for steps of a plan in which nothing is taken back.
func forward(steps []plan.Step) []plan.Step {
	out := make([]plan.Step, len(steps))
	for i, step := range steps {
		step.Undo, step.UndoName = shell.Line{}, ""
		out[i] = step
	}
	return out
}

// NothingToStartError reports a role without a container that can be started on a host.
type NothingToStartError struct{ Host, Role, Why string }

func (e *NothingToStartError) Error() string {
	return fmt.Sprintf("%s: %s of role %s", e.Host, e.Why, e.Role)
}

// Hint names the command that makes a new one.
func (e *NothingToStartError) Hint() string { return "mrsk app boot runs a new container" }

// Start plans that the containers which ran last run again, on all hosts, and get requests once
// all of them are healthy.
func Start(s State) (*plan.Plan, error) {
	var errs []error
	pick := func(h facts.Host, role config.Role) (k facts.Container, start bool) {
		k, start, err := chosen(h, role)
		if err != nil {
			errs = append(errs, err)
		}
		return k, start
	}
	start := s.phase("start", func(h facts.Host) []plan.Step { return s.start(h, pick) })
	route := s.phase("route", func(h facts.Host) []plan.Step { return s.route(h) })
	if err := joined(append(errs, s.taken()...)); err != nil {
		return nil, err
	}
	return s.plan("start", start, route), nil
}

// taken reports routes that another app got while this app was stopped.
func (s State) taken() []error {
	var errs []error
	for _, host := range s.Scope.ProxyHosts() {
		h := s.Facts[host]
		for _, role := range s.Scope.RolesOn(host) {
			if role.Proxy != nil {
				route := traefik.ForRole(s.Scope.Project, role, "")
				errs = append(errs, ofRole(role, route).taken(s.Scope, h, routeFiles(s.Scope.Project, s.Scope.RolesOn(host)))...)
			}
		}
	}
	return errs
}

// chosen is the container to start; start is false where one runs already.
func chosen(h facts.Host, role config.Role) (k facts.Container, start bool, err error) {
	if running := app.Running(h, role.Name); len(running) > 0 {
		k = running[0]
	} else if k, start = app.Last(h, role.Name); !start {
		return k, false, &NothingToStartError{h.Name, role.Name, "there is no container"}
	}
	if role.Proxy != nil && k.Alias == "" {
		return k, false, &NothingToStartError{h.Name, role.Name, "the proxy cannot reach container " + k.Name}
	}
	return k, start, nil
}

func (s State) start(h facts.Host, pick func(facts.Host, config.Role) (facts.Container, bool)) []plan.Step {
	var steps, confirm []plan.Step
	for _, role := range s.Scope.RolesOn(h.Name) {
		k, start := pick(h, role)
		if !start {
			continue
		}
		route := traefik.ForRole(s.Scope.Project, role, k.Alias)
		step := app.Restart(s.Scope, role, k, awaitRoute(route, k, s.Scope.Project.DeployTimeout))
		steps = append(steps, step, server.Audit(role.Name, "Started app version "+k.Version))
		confirm = append(confirm, confirmed(route, role, k))
	}
	return append(s.ground(h), expect(s.Scope.Project, h, append(steps, confirm...))...)
}

// confirmed returns the step that fails if a container that was started does not stay up.
func confirmed(route traefik.Route, role config.Role, k facts.Container) plan.Step {
	if role.Probed() {
		return route.Confirm(k.Name)
	}
	return app.StaysUp(role, k)
}

// ground makes sure of the proxy, which a stopped app may have outlived.
func (s State) ground(h facts.Host) []plan.Step {
	if !serves(s.Scope, h.Name) {
		return nil
	}
	return shared(append(traefik.Network(h), traefik.Boot(h, traefik.SettingsOn(s.Scope.Project, h.Name, s.Secrets))...))
}

// route leads requests to what runs, where they do not go already.
func (s State) route(h facts.Host) []plan.Step {
	var steps []plan.Step
	for _, role := range s.Scope.RolesOn(h.Name) {
		k, started, err := chosen(h, role)
		if err != nil || role.Proxy == nil || traefik.OfRole(s.Scope.Project, role.Name).Serving(h) == k.Alias {
			continue
		}
		r := traefik.ForRole(s.Scope.Project, role, k.Alias).With(s.Secrets).ReceivingOn(s.Scope.Project, h.Name)
		steps = append(steps, r.Files(h)...)
		steps = append(steps, r.Pass(h)...)
		steps = append(steps, forward([]plan.Step{r.Switch(k.Name, h, s.Scope.Project.DrainTimeout)})...)
		if started && role.Probed() {
			steps = append(steps, r.ConfirmOnce(k.Name))
		}
	}
	return steps
}

// StopStale plans that containers which should not run, left over from runs that were killed,
// stop.
func StopStale(s State) *plan.Plan {
	return s.plan("stop stale containers of", s.phase("stop", func(h facts.Host) []plan.Step {
		var steps []plan.Step
		for _, role := range s.Scope.RolesOn(h.Name) {
			for _, k := range Stale(s.Scope, h, role) {
				steps = append(steps, app.Halt(k, role.StopTimeout, "another container has replaced it"))
			}
		}
		return steps
	}))
}

// Stale are the containers of a role that run and should not.
func Stale(c *config.Scope, h facts.Host, role config.Role) []facts.Container {
	return app.Boot{Scope: c, Role: role, Host: h, Serving: traefik.OfRole(c.Project, role.Name).Serving(h)}.Stale()
}

func (s State) plan(verb string, phases ...plan.Phase) *plan.Plan {
	return &plan.Plan{
		Title:  fmt.Sprintf("%s %s on %s", verb, named(s.Scope.Project), strings.Join(s.Scope.AppHosts(), ", ")),
		Phases: phases,
	}
}

func (s State) phase(name string, steps func(facts.Host) []plan.Step) plan.Phase {
	return phaseOn(name, s.Scope.AppHosts(), s.Facts, steps)
}
