package config

import (
	"cmp"
	"slices"
	"strings"
)

// Role returns the role of that name.
func (c *Config) Role(name string) (Role, bool) {
	i := c.find(name)
	if i < 0 {
		return Role{}, false
	}
	return c.Roles[i], true
}

// Accessory returns the accessory of that name.
func (c *Config) Accessory(name string) (Accessory, bool) {
	for _, a := range c.Accessories {
		if a.Name == name {
			return a, true
		}
	}
	return Accessory{}, false
}

// AppHosts returns the hosts of all roles, each once, those of the primary role first.
func (c *Config) AppHosts() []string {
	return adding(c.HostsOf(c.Roles...), c.departed)
}

// HostsOf returns the hosts of roles, each once, in the order of the roles.
func (c *Config) HostsOf(roles ...Role) []string {
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
func (c *Config) Hosts() []string {
	return adding(c.AppHosts(), c.AccessoryHosts())
}

// AccessoryHosts returns the hosts of the accessories, each once.
func (c *Config) AccessoryHosts() []string {
	var hosts []string
	for _, a := range c.Accessories {
		hosts = adding(hosts, a.Hosts)
	}
	return hosts
}

// AccessoriesOn returns the accessories of a host: there each has a name of its own.
func (c *Config) AccessoriesOn(host string) []Accessory {
	return slices.DeleteFunc(slices.Clone(c.Accessories), func(a Accessory) bool { return !a.On(host) })
}

// adding returns hosts with those of more that are not among them.
func adding(hosts, more []string) []string {
	for _, h := range more {
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// ProxyHosts returns the hosts of the roles and accessories behind the proxy, each once.
func (c *Config) ProxyHosts() []string {
	hosts := c.HostsOf(slices.DeleteFunc(slices.Clone(c.Roles), func(r Role) bool { return r.Proxy == nil })...)
	for _, a := range c.Accessories {
		if a.Proxy != nil {
			hosts = adding(hosts, a.Hosts)
		}
	}
	return hosts
}

// PrimaryHost is the first host of the primary role, "" without hosts.
func (c *Config) PrimaryHost() string {
	hosts := c.AppHosts()
	if len(hosts) == 0 {
		return ""
	}
	return hosts[0]
}

// RolesOn returns the roles of a host, the primary role first.
func (c *Config) RolesOn(host string) []Role {
	return slices.DeleteFunc(slices.Clone(c.Roles), func(r Role) bool { return !r.On(host) })
}

// On reports whether the role runs on a host.
func (r Role) On(host string) bool {
	return slices.ContainsFunc(r.Hosts, func(h Host) bool { return h.Name == host })
}

// Probed reports whether the proxy asks a new container of the role if it is healthy. Otherwise
// docker tells.
func (r Role) Probed() bool { return r.Proxy != nil && !r.Proxy.Healthcheck.Own }

// EnvOn returns the role's environment on a host: with what the host's tags add.
func (r Role) EnvOn(host string) Env {
	for _, h := range r.Hosts {
		if h.Name == host {
			return h.Env.over(r.Env)
		}
	}
	return r.Env
}

// ProxyRunOn returns how the proxy container of a host is started.
func (c *Config) ProxyRunOn(host string) ProxyRun {
	var all []*Proxy
	for _, r := range c.Whole().RolesOn(host) {
		all = append(all, r.Proxy)
	}
	for _, a := range c.Whole().Accessories {
		if a.On(host) {
			all = append(all, a.Proxy)
		}
	}
	all = slices.DeleteFunc(all, func(p *Proxy) bool { return p == nil })
	if len(all) == 0 {
		all = []*Proxy{{Run: c.ProxyRun}}
	}
	run := all[0].Run
	run.ACME = run.ACME.filled(c.proxySecrets)
	for _, p := range all {
		run = run.Logging(p.LogHeaders)
	}
	return run
}

// Batches cuts hosts into the batches of boot.limit, in their order: all in one without a
// limit. A percentage is of HostCount, rounded down, and at least one host.
func (c *Config) Batches(hosts []string) [][]string {
	if len(hosts) == 0 {
		return nil
	}
	size := c.Boot.Limit.Of(cmp.Or(c.HostCount, len(hosts)))
	return slices.Collect(slices.Chunk(hosts, cmp.Or(size, len(hosts))))
}

// Of is the size of a batch when there are total hosts, 0 without a limit.
func (l Limit) Of(total int) int {
	if l.Percent > 0 {
		return max(1, total*l.Percent/100)
	}
	return l.Count
}

// Repository is the image's full name without a tag: the registry's server, when the file names
// one, and the image.
func (c *Config) Repository() string {
	return c.inRegistry(c.Image)
}

// CacheImage is the full name of the build cache's image, "" without one.
func (c *Config) CacheImage() string {
	if c.Builder.Cache == nil {
		return ""
	}
	return c.inRegistry(c.Builder.Cache.Image)
}

func (c *Config) inRegistry(image string) string {
	if c.Registry.Server == "" {
		return image
	}
	return strings.TrimSuffix(c.Registry.Server, "/") + "/" + image
}

// AbsoluteImage is the image of a version.
func (c *Config) AbsoluteImage(version string) string { return c.Repository() + ":" + version }

// LatestTag is the tag of the version that was deployed last: latest, or latest-<destination>.
func (c *Config) LatestTag() string {
	if c.Destination == "" {
		return "latest"
	}
	return "latest-" + c.Destination
}

// Name is the service with its destination: service, or service-<destination>.
func (c *Config) Name() string {
	if c.Destination == "" {
		return c.Service
	}
	return c.Service + "-" + c.Destination
}
