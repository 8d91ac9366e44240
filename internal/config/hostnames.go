package config

import (
	"cmp"
	"slices"

	"mrsk/internal/hostname"
	"mrsk/internal/yamltree"
)

// nameHosts gives each host of the roles one name, so that names can be compared everywhere else. A host
// that a role names twice has all its tags.
func (d *draft) nameHosts() {
	for i, r := range d.roleFiles {
		var hosts []Host
		for _, h := range r.hosts {
			h.Name = d.nameOf(value{&yamltree.Node{Pos: h.Pos}, r.at.path, r.at.log}, h.Name)
			if at := slices.IndexFunc(hosts, func(o Host) bool { return o.Name == h.Name }); at >= 0 {
				hosts[at].Tags = append(hosts[at].Tags, h.Tags...)
				continue
			}
			hosts = append(hosts, h)
		}
		d.roleFiles[i].hosts = hosts
	}
}

// nameOf returns the name by which the file calls a host first. Names that would log in differently are a
// problem: a run has one connection and one lock per host.
func (d *draft) nameOf(at value, name string) string {
	n, err := hostname.Split(name)
	if err != nil {
		return name
	}
	first, found := d.named[n.Machine(d.SSH.Port)]
	if !found {
		d.named[n.Machine(d.SSH.Port)] = name
		return name
	}
	if earlier, _ := hostname.Split(first); d.SSH.filled(earlier) != d.SSH.filled(n) {
		at.advise("write the same name in both places", "%s and %s are the same host with different logins", first, name)
	}
	return first
}

// filled returns n with the user and the port that the section ssh adds, in one spelling. What the SSH
// configuration may add is not known here.
func (s SSH) filled(n hostname.Name) hostname.Name {
	n.Host, n.Port = hostname.Normal(n.Host), cmp.Or(n.Port, s.Port)
	if s.UserSet || s.NoConfig {
		n.User = cmp.Or(n.User, s.User)
	}
	if s.NoConfig {
		n.Port = cmp.Or(n.Port, hostname.SSHPort)
	}
	return n
}

// SameHost reports whether two names are those of one host: whatever their case, user, spelling of an
// address, and a port that is the usual one. Aliases of the SSH configuration are other hosts.
func (p *Project) SameHost(a, b string) bool {
	x, errX := hostname.Split(a)
	y, errY := hostname.Split(b)
	if errX != nil || errY != nil {
		return a == b
	}
	return x.Machine(p.SSH.Port) == y.Machine(p.SSH.Port)
}

// Has reports whether the configuration has a host, by any of its names.
func (p *Project) Has(host string) bool { return p.hasAmong(p.Hosts(), host) }

// HasRole reports whether a host has a role, by any of its names.
func (p *Project) HasRole(host string) bool { return p.hasAmong(p.AppHosts(), host) }

func (p *Project) hasAmong(hosts []string, host string) bool {
	return slices.ContainsFunc(hosts, func(h string) bool { return p.SameHost(h, host) })
}

// matchesHost reports whether a pattern of the user fits the name of a host, or is another name of it.
func (p *Project) matchesHost(pattern, name string) bool {
	return matches(pattern, name) || p.SameHost(pattern, name)
}
