package traefik

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// The names of the proxies of other tools of the family. The second is what anybody calls a
// Traefik: it is one of theirs only where it holds the ports that mrsk's proxy is to have.
const (
	formerProxy   = "kamal-proxy"
	formerTraefik = "traefik"
)

const (
	seeFormer = "look for proxies of other tools"
	seeOthers = "look for containers of other tools"
	seeServed = "look at what kamal-proxy serves"
)

const (
	formerFormat = `{"name":{{json .Name}},"id":{{json .ID}},"state":{{json .State.Status}},"args":{{json .Args}},` +
		`"restart":{{json .HostConfig.RestartPolicy.Name}},"ports":{{json .HostConfig.PortBindings}}}`
	otherFormat = `{"labels":{{json .Config.Labels}},"name":{{json .Name}},"id":{{json .ID}}}`
)

// ObserveFormer are the steps that look for what an upgrade takes over; names are those that proxies
// get certificates for.
func ObserveFormer(names []string) []plan.Step {
	list := docker.Cmd("ps", "--all", "--quiet", "--no-trunc",
		"--filter", "name=^"+formerProxy+"$", "--filter", "name=^"+formerTraefik+"$")
	running := docker.Cmd("ps", "--quiet", "--no-trunc")
	return append([]plan.Step{
		{Name: seeFormer, Run: docker.Inspect(list, "inspect", formerFormat), Captured: true},
		{Name: seeOthers, Run: docker.Inspect(running, "inspect", otherFormat), Captured: true},
		{Name: seeServed, Run: served.Call(), Captured: true, BestEffort: true},
	}, observeLeft(names)...)
}

type (
	seenFormer struct {
		ID, Name, State, Restart string
		Args                     []string
		Ports                    map[string][]struct{ HostPort string }
	}
	seenOther struct {
		ID, Name string
		Labels   map[string]string
	}
	// seenServed is a service of kamal-proxy; older versions know one target alone.
	seenServed struct {
		Targets []string `json:"active_targets"`
		Target  string   `json:"active_target"`
	}
)

// behind reports whether the service leads to the container.
func (s seenServed) behind(o seenOther) bool {
	return slices.ContainsFunc(append(s.Targets, s.Target), func(target string) bool {
		host, _, _ := strings.Cut(target, ":")
		return host != "" && (strings.HasPrefix(o.ID, host) || o.Name == "/"+host)
	})
}

func (s seenFormer) fact() facts.Former {
	f := facts.Former{ID: s.ID, Name: strings.TrimPrefix(s.Name, "/"), State: s.State, Restart: s.Restart, Servers: servers(s.Args)}
	for _, bindings := range s.Ports {
		for _, b := range bindings {
			if port, err := strconv.Atoi(b.HostPort); err == nil {
				f.Ports = append(f.Ports, port)
			}
		}
	}
	slices.Sort(f.Ports)
	f.Ports = slices.Compact(f.Ports)
	return f
}

func (s seenOther) fact() facts.Other {
	o := facts.Other{
		Name:    strings.TrimPrefix(s.Name, "/"),
		Service: s.Labels[docker.LabelService], Role: s.Labels[docker.LabelRole], Destination: s.Labels[docker.LabelDestination],
	}
	for label := range s.Labels {
		o.Traefik = o.Traefik || strings.HasPrefix(label, "traefik.")
	}
	return o
}

// ReadFormer fills in what ObserveFormer printed.
func ReadFormer(output func(step string) []byte, h *facts.Host) error {
	formers, err := docker.Lines(output(seeFormer), seenFormer.fact)
	if err != nil {
		return fmt.Errorf("read docker's word on proxies: %w", err)
	}
	others, err := docker.Lines(output(seeOthers), func(s seenOther) seenOther { return s })
	if err != nil {
		return fmt.Errorf("read docker's list of containers: %w", err)
	}
	var served []seenServed
	_ = json.Unmarshal(output(seeServed), &served) // of a version that writes it otherwise, labels tell most
	readLeft(output(seeLeft), formers)
	h.Former, h.Others = formers, nil
	for _, o := range others {
		if o.Labels[docker.LabelAlias] != "" {
			continue
		}
		fact := o.fact()
		fact.Served = slices.ContainsFunc(served, func(s seenServed) bool { return s.behind(o) })
		h.Others = append(h.Others, fact)
	}
	return nil
}

// Formers are the proxies whose place mrsk's takes.
func Formers(h facts.Host, run config.ProxyRun) []facts.Former {
	return slices.DeleteFunc(slices.Clone(h.Former), func(f facts.Former) bool {
		wanted := run.Publish && (slices.Contains(f.Ports, run.HTTPPort) || slices.Contains(f.Ports, run.HTTPSPort))
		return f.Name != formerProxy && !wanted
	})
}

// Behind are the containers that may get requests from those proxies: what Kamal made for an app,
// what kamal-proxy leads to besides, such as accessories, and what has labels for a Traefik.
func Behind(h facts.Host, formers []facts.Former) []facts.Other {
	traefik := slices.ContainsFunc(formers, func(f facts.Former) bool { return f.Name == formerTraefik })
	return slices.DeleteFunc(slices.Clone(h.Others), func(o facts.Other) bool {
		proxy := slices.ContainsFunc(formers, func(f facts.Former) bool { return f.Name == o.Name })
		app := o.Service != "" && o.Role != ""
		return proxy || o.Name == Container || !app && !o.Served && !(traefik && o.Traefik)
	})
}
