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
	Scope   *config.Scope
	Secrets config.Secrets // where a proxy may be started
	Hosts   []string
	Facts   map[string]facts.Host
}

// settings are those of the proxy of a host.
func (p Proxy) settings(host string) traefik.Settings {
	return traefik.SettingsOn(p.Scope.Project, host, p.Secrets)
}

// BootProxy plans that the proxy runs.
func BootProxy(p Proxy) *plan.Plan {
	out := p.plan("boot", func(h facts.Host) []plan.Step {
		return append(traefik.Network(h), traefik.Boot(h, p.settings(h.Name))...)
	})
	out.Notes = differing(p.Hosts, p.Facts, p.settings)
	return out
}

// differing returns notes about proxies that are not changed but differ from the configuration.
func differing(hosts []string, seen map[string]facts.Host, settings func(host string) traefik.Settings) []string {
	var notes hostNotes
	for _, host := range hosts {
		if why := traefik.Differs(seen[host], settings(host)); why != "" {
			notes.add(host, hostNote{"on ", " " + why + "; `mrsk proxy reboot` applies it"})
		}
	}
	return notes.texts()
}

// RebootProxy plans the replacement of the proxy containers by new ones.
func RebootProxy(p Proxy) *plan.Plan {
	return p.plan("reboot", func(h facts.Host) []plan.Step {
		return append(traefik.Network(h), traefik.Reboot(h, p.settings(h.Name))...)
	})
}

// StopProxy plans that the proxy does not run.
func StopProxy(p Proxy) *plan.Plan { return p.plan("stop", traefik.Stop) }

// StartProxy plans that the proxy's container, which must be there, runs.
func StartProxy(p Proxy) (*plan.Plan, error) { return p.tried("start", traefik.Start) }

// RestartProxy plans that the proxy's container, which must be there, stops and starts.
func RestartProxy(p Proxy) (*plan.Plan, error) { return p.tried("restart", traefik.Restart) }

func (p Proxy) tried(verb string, steps func(facts.Host, traefik.Settings) ([]plan.Step, error)) (*plan.Plan, error) {
	var errs []error
	out := p.plan(verb, func(h facts.Host) []plan.Step {
		all, err := steps(h, p.settings(h.Name))
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
