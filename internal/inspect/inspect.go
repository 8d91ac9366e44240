// Package inspect shows people and scripts what was seen on hosts: facts in, text or JSON out.
// It asks no host and changes nothing.
package inspect

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
	"mrsk/internal/ui"
)

// Host is what details shows of a host.
type Host struct {
	Host       string      `json:"host"`
	Docker     string      `json:"docker"`
	Proxy      *Proxy      `json:"proxy"`
	Containers []Container `json:"containers"`
	// Accessories are those that are to be on the host, where they have been looked at.
	Accessories []Accessory `json:"accessories,omitempty"`
}

// Proxy is the proxy of a host.
type Proxy struct {
	State  string   `json:"state"`
	Image  string   `json:"image"`
	Routes []string `json:"routes"`
	// Maintenance are those of the routes that the proxy answers itself.
	Maintenance []string `json:"maintenance,omitempty"`
}

// Container is a container of the app.
type Container struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Role    string `json:"role"`
	Version string `json:"version"`
	State   string `json:"state"`
	Health  string `json:"health,omitempty"`
	Serving bool   `json:"serving"` // requests go to it
	// Maintenance is set when requests would go to it, were the app not in maintenance.
	Maintenance bool       `json:"maintenance,omitempty"`
	Detached    bool       `json:"detached,omitempty"`  // it runs without mrsk's network
	ExitCode    *int       `json:"exit_code,omitempty"` // nil while it runs, and if it never ran
	Created     time.Time  `json:"created"`
	Started     *time.Time `json:"started,omitempty"`
	Finished    *time.Time `json:"finished,omitempty"`
}

// HostOf picks out of what was seen what details shows: the containers of the roles of c on the
// host, newest first, those that no longer run only with all.
func HostOf(c *config.Scope, h facts.Host, all bool) Host {
	out := Host{Host: h.Name, Docker: h.Engine.Version, Proxy: proxyOf(h), Containers: []Container{}}
	for _, k := range h.Containers {
		if (all || k.Running()) && chosen(c, k.Role) {
			out.Containers = append(out.Containers, containerOf(c, h, k))
		}
	}
	return out
}

// offNetwork says that a container runs without the network that it should be on.
const offNetwork = "without the network " + docker.Network

// chosen reports whether to show containers of a role: it is in the scope, or the scope has no roles, as for
// hosts that left the configuration.
func chosen(c *config.Scope, role string) bool {
	_, known := c.Role(role)
	return known || len(c.Roles) == 0
}

func proxyOf(h facts.Host) *Proxy {
	if h.Proxy.ID == "" {
		return nil
	}
	p := &Proxy{State: h.Proxy.State, Image: h.Proxy.Image, Routes: []string{}}
	if h.Proxy.Detached {
		p.State += ", " + offNetwork
	}
	for _, r := range h.Routes {
		name := strings.TrimSuffix(r.File, ".yml")
		if name != "mrsk" {
			p.Routes = append(p.Routes, name)
		}
		if traefik.InMaintenance(r.Content) {
			p.Maintenance = append(p.Maintenance, name)
		}
	}
	slices.Sort(p.Routes)
	return p
}

func containerOf(c *config.Scope, h facts.Host, k facts.Container) Container {
	route, _ := h.Route(traefik.OfRole(c.Project, k.Role).File())
	closed := traefik.InMaintenance(route)
	serving := k.Alias != "" && k.Alias == traefik.OfRole(c.Project, k.Role).Serving(h)
	out := Container{
		Name: k.Name, ID: k.ID[:min(12, len(k.ID))], Role: k.Role, Version: k.Version, State: k.State, Health: k.Health,
		Serving: serving && !closed, Maintenance: serving && closed, Detached: k.Detached,
		Created: k.Created, Started: moment(k.Started), Finished: moment(k.Finished),
	}
	if !k.Running() && k.State != "created" {
		out.ExitCode = &k.ExitCode
	}
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Text is the host's containers as a table.
func (h Host) Text(now time.Time) string {
	if len(h.Containers) == 0 {
		return "no containers\n"
	}
	var rows [][]string
	for _, k := range h.Containers {
		rows = append(rows, []string{k.ID, k.Name, k.Role, k.status(now), k.Version})
	}
	return ui.Table([]string{"ID", "NAME", "ROLE", "STATUS", "VERSION"}, rows)
}

func (k Container) status(now time.Time) string {
	text := k.State
	switch {
	case k.Finished != nil && k.ExitCode != nil:
		text += " (" + itoa(*k.ExitCode) + ") " + Age(now, *k.Finished) + " ago"
	case k.Started != nil:
		text += " for " + Age(now, *k.Started)
	}
	if k.Health != "" {
		text += ", " + k.Health
	}
	if k.Detached {
		text += ", " + offNetwork
	}
	switch {
	case k.Serving:
		text += ", serving"
	case k.Maintenance:
		text += ", in maintenance"
	}
	return text
}

// Text is the proxy in words.
func (p *Proxy) Text() string {
	if p == nil {
		return "no proxy\n"
	}
	text := p.Image + ", " + p.State + "\n"
	for _, r := range p.Routes {
		text += "route " + r
		if slices.Contains(p.Maintenance, r) {
			text += ", in maintenance"
		}
		text += "\n"
	}
	return text
}

// JSON is v as an indented JSON document, with a line end.
func JSON(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}
