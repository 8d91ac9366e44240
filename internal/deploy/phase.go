package deploy

import (
	"errors"
	"slices"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

// phaseOn is a phase of one stage in which every host works for itself.
func phaseOn(name string, hosts []string, all map[string]facts.Host, steps func(facts.Host) []plan.Step) plan.Phase {
	phase := plan.Phase{Name: name}
	for _, host := range hosts {
		stage := plan.Stage{Name: name, Steps: steps(all[host])}
		phase.Hosts = append(phase.Hosts, plan.Host{Name: host, Stages: []plan.Stage{stage}})
	}
	return phase
}

// shared keeps others away while steps change what the apps of a host share.
func shared(steps []plan.Step) []plan.Step {
	out := make([]plan.Step, len(steps))
	for i, s := range steps {
		s.Run = server.Locked(s.Run)
		out[i] = s
	}
	return out
}

func named(c *config.Project) string {
	if c.Destination == "" {
		return c.Service
	}
	return c.Service + " (" + c.Destination + ")"
}

func serves(c *config.Scope, host string) bool { return slices.Contains(c.ProxyHosts(), host) }

// awaitRoute waits for a container that was started again; the zero Line is for roles that the
// proxy does not probe.
func awaitRoute(r traefik.Route, k facts.Container, timeout time.Duration) shell.Line {
	if !r.Proxy.Probed() {
		return shell.Line{}
	}
	return r.AwaitLine(k.ID, timeout)
}

func joined(errs []error) error { return errors.Join(compact(errs)...) }

// expect puts the check that the containers are still those of the facts before the steps.
func expect(c *config.Project, h facts.Host, steps []plan.Step) []plan.Step {
	if len(steps) == 0 {
		return nil
	}
	return append([]plan.Step{app.Expect(c, h)}, steps...)
}
