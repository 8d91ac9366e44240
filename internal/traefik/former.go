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

// Container names of the proxies of Kamal 2, and of Kamal 1 and MRSK. Any Traefik may have the second
// name, so it counts as a former proxy only if it holds the ports of mrsk's proxy.
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

// ObserveFormer returns the steps that look for the proxies and containers that an upgrade takes over.
// names are the host names with automatic certificates.
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
	// seenServed is a service of kamal-proxy. Older versions have only one target.
	seenServed struct {
		Targets []string `json:"active_targets"`
		Target  string   `json:"active_target"`
	}
)

// behind reports whether the service sends requests to the container.
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
		Service: docker.Owner(s.Labels, docker.LabelService), Role: docker.Owner(s.Labels, docker.LabelRole), Destination: docker.Owner(s.Labels, docker.LabelDestination),
	}
	for label := range s.Labels {
		o.Traefik = o.Traefik || strings.HasPrefix(label, "traefik.")
	}
	return o
}

// ReadFormer sets the facts about former proxies from the output of ObserveFormer's steps.
func ReadFormer(output func(step string) []byte, h *facts.Host) error {
	formers, err := docker.Lines(output(seeFormer), seenFormer.fact)
	if err != nil {
		return fmt.Errorf("read docker's list of proxies: %w", err)
	}
	others, err := docker.Lines(output(seeOthers), func(s seenOther) seenOther { return s })
	if err != nil {
		return fmt.Errorf("read docker's list of containers: %w", err)
	}
	var served []seenServed
	_ = json.Unmarshal(output(seeServed), &served) // if another version has another format, the labels are enough for most containers
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

// Formers returns the proxies of other tools that mrsk's proxy replaces.
func Formers(h facts.Host, run config.ProxyRun) []facts.Former {
	return slices.DeleteFunc(slices.Clone(h.Former), func(f facts.Former) bool {
		wanted := run.Publish && (slices.Contains(f.Ports, run.HTTPPort) || slices.Contains(f.Ports, run.HTTPSPort))
		return f.Name != formerProxy && !wanted
	})
}

// Behind returns the containers that may get requests from former proxies: Kamal's containers of apps,
// other targets of kamal-proxy, such as accessories, and containers with labels for Traefik.
func Behind(h facts.Host, formers []facts.Former) []facts.Other {
	traefik := slices.ContainsFunc(formers, func(f facts.Former) bool { return f.Name == formerTraefik })
	return slices.DeleteFunc(slices.Clone(h.Others), func(o facts.Other) bool {
		proxy := slices.ContainsFunc(formers, func(f facts.Former) bool { return f.Name == o.Name })
		app := o.Service != "" && o.Role != ""
		return proxy || o.Name == Container || !app && !o.Served && !(traefik && o.Traefik)
	})
}
