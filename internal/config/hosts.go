package config

import (
	"cmp"
	"slices"
	"strings"
)

// Role returns the role of that name.
func (p *Placement) Role(name string) (Role, bool) {
	i := p.find(name)
	if i < 0 {
		return Role{}, false
	}
	return p.Roles[i], true
}

// Accessory returns the accessory of that name.
func (p *Placement) Accessory(name string) (Accessory, bool) {
	for _, a := range p.Accessories {
		if a.Name == name {
			return a, true
		}
	}
	return Accessory{}, false
}

// AppHosts returns the hosts of all roles, each once, those of the primary role first.
func (p *Placement) AppHosts() []string {
	return p.HostsOf(p.Roles...)
}

// HostsOf returns the hosts of roles, each once, in the order of the roles.
func (p *Placement) HostsOf(roles ...Role) []string {
	var hosts []string
	for _, r := range roles {
		for _, h := range r.Hosts {
			if !slices.Contains(hosts, h.Name) {
				hosts = append(hosts, h.Name)
			}
		}
	}
	return hosts
}

// Hosts returns the hosts of all roles and accessories, each once: those of the roles first.
func (p *Placement) Hosts() []string {
	return adding(p.AppHosts(), p.AccessoryHosts())
}

// AccessoryHosts returns the hosts of the accessories, each once.
func (p *Placement) AccessoryHosts() []string {
	var hosts []string
	for _, a := range p.Accessories {
		hosts = adding(hosts, a.Hosts)
	}
	return hosts
}

// AccessoriesOn returns the accessories that run on a host.
func (p *Placement) AccessoriesOn(host string) []Accessory {
	return slices.DeleteFunc(slices.Clone(p.Accessories), func(a Accessory) bool { return !a.On(host) })
}

// adding appends to hosts those of more that it lacks.
func adding(hosts, more []string) []string {
	for _, h := range more {
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// ProxyHosts returns the hosts of the roles and accessories behind the proxy, each once.
func (p *Placement) ProxyHosts() []string {
	hosts := p.HostsOf(slices.DeleteFunc(slices.Clone(p.Roles), func(r Role) bool { return r.Proxy == nil })...)
	for _, a := range p.Accessories {
		if a.Proxy != nil {
			hosts = adding(hosts, a.Hosts)
		}
	}
	return hosts
}

// PrimaryHost returns the first host of the primary role, or "" if the app has no hosts.
func (p *Placement) PrimaryHost() string {
	hosts := p.AppHosts()
	if len(hosts) == 0 {
		return ""
	}
	return hosts[0]
}

// RolesOn returns the roles of a host, the primary role first.
func (p *Placement) RolesOn(host string) []Role {
	return slices.DeleteFunc(slices.Clone(p.Roles), func(r Role) bool { return !r.On(host) })
}

// On reports whether the role runs on a host.
func (r Role) On(host string) bool {
	return slices.ContainsFunc(r.Hosts, func(h Host) bool { return h.Name == host })
}

// Probed reports whether mrsk probes a new container of the role from the proxy to see if it is healthy.
// Otherwise docker's health check decides.
func (r Role) Probed() bool { return r.Proxy.Probed() }

// Probed reports whether mrsk probes a new container from the proxy. It is false if p is nil.
func (p *Proxy) Probed() bool { return p != nil && !p.Healthcheck.Own }

// EnvOn returns the role's environment on a host, including that of the host's tags.
func (r Role) EnvOn(host string) Env {
	for _, h := range r.Hosts {
		if h.Name == host {
			return h.Env.over(r.Env)
		}
	}
	return r.Env
}

// ProxyRunOn returns the settings of the proxy container of a host.
func (p *Project) ProxyRunOn(host string) ProxyRun {
	var all []*Proxy
	for _, r := range p.RolesOn(host) {
		all = append(all, r.Proxy)
	}
	for _, a := range p.Accessories {
		if a.On(host) {
			all = append(all, a.Proxy)
		}
	}
	all = slices.DeleteFunc(all, func(p *Proxy) bool { return p == nil })
	if len(all) == 0 {
		all = []*Proxy{{Run: p.ProxyRun}}
	}
	run := all[0].Run
	for _, proxy := range all {
		run = run.Logging(proxy.LogHeaders)
	}
	return run
}

// Batches splits hosts into batches of boot.limit in their order. Without a limit there is one batch. A
// percentage is of all hosts of the app, rounded down, but at least one host.
func (p *Project) Batches(hosts []string) [][]string {
	if len(hosts) == 0 {
		return nil
	}
	size := p.Boot.Limit.Of(cmp.Or(len(p.AppHosts()), len(hosts)))
	return slices.Collect(slices.Chunk(hosts, cmp.Or(size, len(hosts))))
}

// Of returns the size of a batch for a number of hosts, or 0 without a limit.
func (l Limit) Of(total int) int {
	if l.Percent > 0 {
		return max(1, total*l.Percent/100)
	}
	return l.Count
}

// Repository returns the image's name with the registry's server, if there is one, and without a tag.
func (p *Project) Repository() string {
	return p.inRegistry(p.Image)
}

// CacheImage returns the name of the build cache's image with the registry's server, or "" without one.
func (p *Project) CacheImage() string {
	if p.Builder.Cache == nil {
		return ""
	}
	return p.inRegistry(p.Builder.Cache.Image)
}

func (p *Project) inRegistry(image string) string {
	if p.Registry.Server == "" {
		return image
	}
	return strings.TrimSuffix(p.Registry.Server, "/") + "/" + image
}

// AbsoluteImage returns the name of a version's image, with registry and tag.
func (p *Project) AbsoluteImage(version string) string { return p.Repository() + ":" + version }

// LatestTag returns the tag of the version that was deployed last: latest, or latest-<destination>.
func (p *Project) LatestTag() string {
	if p.Destination == "" {
		return "latest"
	}
	return "latest-" + p.Destination
}

// Name returns the name of the app on a host: service, or service-<destination>.
func (p *Project) Name() string {
	if p.Destination == "" {
		return p.Service
	}
	return p.Service + "-" + p.Destination
}
