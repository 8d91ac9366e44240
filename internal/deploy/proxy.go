package deploy

import (
	"errors"
	"fmt"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// Proxy is a change of the proxy on some hosts.
type Proxy struct {
	Scope *config.Scope
	Hosts []string
	Facts map[string]facts.Host
}

// BootProxy plans that the proxy runs.
func BootProxy(p Proxy) *plan.Plan {
	out := p.plan("boot", func(h facts.Host) []plan.Step {
		return append(traefik.Network(h), traefik.Boot(h, p.Scope.Project.ProxyRunOn(h.Name))...)
	})
	for _, host := range p.Hosts {
		if why := traefik.Differs(p.Facts[host], p.Scope.Project.ProxyRunOn(host)); why != "" {
			out.Notes = append(out.Notes, fmt.Sprintf("on %s %s; `mrsk proxy reboot` applies it", host, why))
		}
	}
	return out
}

// RebootProxy plans a new proxy container in the place of the old one.
func RebootProxy(p Proxy) *plan.Plan {
	return p.plan("reboot", func(h facts.Host) []plan.Step {
		return append(traefik.Network(h), traefik.Reboot(h, p.Scope.Project.ProxyRunOn(h.Name))...)
	})
}

// StopProxy plans that the proxy does not run.
func StopProxy(p Proxy) *plan.Plan { return p.plan("stop", traefik.Stop) }

// StartProxy plans that the proxy's container, which must be there, runs.
func StartProxy(p Proxy) (*plan.Plan, error) { return p.tried("start", traefik.Start) }

// RestartProxy plans that the proxy's container, which must be there, stops and starts.
func RestartProxy(p Proxy) (*plan.Plan, error) { return p.tried("restart", traefik.Restart) }

func (p Proxy) tried(verb string, steps func(facts.Host, config.ProxyRun) ([]plan.Step, error)) (*plan.Plan, error) {
	var errs []error
	out := p.plan(verb, func(h facts.Host) []plan.Step {
		all, err := steps(h, p.Scope.Project.ProxyRunOn(h.Name))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", h.Name, err))
		}
		return all
	})
	return out, errors.Join(errs...)
}

// RemoveProxy plans that there is no proxy. Unless forced, a host on which apps are behind it
// refuses.
func RemoveProxy(p Proxy, force bool) *plan.Plan {
	return p.plan("remove", func(h facts.Host) []plan.Step {
		steps := traefik.RemoveProxy(h, "it is removed")
		if !force && len(steps) > 0 {
			steps = append([]plan.Step{traefik.Refuse()}, steps...)
		}
		return steps
	})
}

func (p Proxy) plan(verb string, steps func(facts.Host) []plan.Step) *plan.Plan {
	phase := phaseOn(verb, p.Hosts, p.Facts, func(h facts.Host) []plan.Step {
		all := shared(steps(h))
		if len(all) > 0 {
			all = append(all, server.Audit("", "Proxy: "+verb))
		}
		return all
	})
	return &plan.Plan{Title: fmt.Sprintf("%s the proxy on %s", verb, strings.Join(p.Hosts, ", ")), Phases: []plan.Phase{phase}}
}
