package config

import (
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// check reports problems between sections. version is the version of mrsk, for minimum_version.
func (d *draft) check(version string) {
	d.checkRequired()
	d.checkLengths()
	d.checkVersion(version)
	d.checkRoutes()
	if !d.checkRoles() {
		return
	}
	d.checkCertificates()
	d.checkProxyRun()
}

func (d *draft) checkRequired() {
	d.require("service", "name the app: service: NAME")
	if d.root.Get("accessories") == nil {
		d.require("servers", "list the hosts: servers: [ADDRESS]")
	}
}

// require reports a key that is missing. One that is misspelt is reported as an unknown key.
func (d *draft) require(key, advice string) {
	entries, _ := d.root.hash()
	misspelt := slices.ContainsFunc(entries, func(e named) bool {
		return !strings.HasPrefix(e.key, "x-") && Nearest(e.key, []string{key}) == key
	})
	if at := d.root.at(key); at.absent() && !misspelt {
		at.or(d.root).advise(advice, "is required")
	}
}

func (d *draft) checkVersion(version string) {
	at := d.root.at("minimum_version")
	if d.minimumVersion == "" || version == "" {
		return
	}
	if !isVersion(d.minimumVersion) {
		at.problem("%q is not a version such as 1.2.3", d.minimumVersion)
		return
	}
	switch {
	case !OlderThan(version, d.minimumVersion):
	case d.OfKamal:
		at.lost("in a Kamal project it is a version of Kamal")
	default:
		at.advise("install a newer mrsk, or remove the line if it means a version of Kamal", "mrsk is %s, but the file needs at least %s", version, d.minimumVersion)
	}
}

// Maximum lengths of names in characters. Names of service, role and destination become parts of file
// names, which may have 255 bytes; longestNames leaves room for prefix and suffix. Docker accepts 255
// characters for a repository with its registry, and 128 for a tag.
const (
	longestNames      = 200
	longestRepository = 255
	longestTag        = 128
)

func (d *draft) checkLengths() {
	if !IsName(d.Service) {
		return // already reported
	}
	for _, r := range d.roleFiles {
		if n := len(d.Service) + len(r.name) + len(d.Destination); n > longestNames {
			r.at.problem("the names of service, role and destination have %d characters together, but may have %d", n, longestNames)
		}
	}
	for _, a := range d.Accessories {
		if n := len(a.Service); n > longestNames {
			d.accessories.at(a.Name).problem("the name of the accessory's service has %d characters, but may have %d", n, longestNames)
		}
	}
	if n := len(d.Repository()); n > longestRepository {
		at := d.root.at("image")
		if at.absent() {
			at = d.root.at("service")
		}
		at.problem("the name of the image has %d characters with its registry, but docker takes %d", n, longestRepository)
	}
	if n := len(d.LatestTag()); n > longestTag {
		d.root.problem("the name of the destination has %d characters, but docker takes %d in a tag", len(d.Destination), longestTag-len("latest-"))
	}
}

func isVersion(text string) bool {
	return text != "" && text[0] >= '0' && text[0] <= '9'
}

// OlderThan reports whether version a is older than b. It compares them number by number; a missing number
// counts as 0.
func OlderThan(a, b string) bool {
	as, bs := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if x, y := numberAt(as, i), numberAt(bs, i); x != y {
			return x < y
		}
	}
	return false
}

// numberAt returns the number at the beginning of a part of a version: 3 for 3-beta.
func numberAt(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	digits := strings.IndexFunc(parts[i]+" ", func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.Atoi(parts[i][:digits])
	return n
}

// checkRoles reports whether there are roles to check further.
func (d *draft) checkRoles() bool {
	if d.servers.absent() || d.servers.Kind == yamltree.Scalar {
		return false
	}
	d.checkPrimary()
	for _, r := range d.roleFiles {
		isPrimary := r.name == d.PrimaryRole
		if len(r.hosts) == 0 && r.saysNoHosts() && (isPrimary || !d.allowEmptyRoles) {
			r.hostList().or(r.at).problem("role %s has no hosts", r.name)
		}
	}
	return true
}

func (d *draft) checkPrimary() {
	at, advice := d.root.at("primary_role"), "the roles are "+strings.Join(d.roleNames(), ", ")
	switch {
	case d.find(d.PrimaryRole) >= 0:
		return
	case len(d.Roles) == 0:
		d.servers.problem("names no role")
		return
	case at.absent():
		at, advice = d.servers, advice+"; name the primary one with primary_role"
	}
	at.advise(advice, "primary role %q is not among the servers", d.PrimaryRole)
}

// saysNoHosts reports whether the file gives the role no hosts. It is false if the hosts could not be
// read, which is a problem reported elsewhere.
func (r roleFile) saysNoHosts() bool {
	list := r.hostList()
	return list.absent() || list.Kind == yamltree.List && len(list.Items) == 0
}

func (r roleFile) hostList() value {
	if r.at.Kind == yamltree.Map {
		return r.at.at("hosts")
	}
	return r.at
}

// find returns the index of a role, or -1.
func (p *Placement) find(role string) int {
	return slices.IndexFunc(p.Roles, func(r Role) bool { return r.Name == role })
}

// checkCertificates reports host names for which several roles have ssl, and checks which host of a
// role would obtain automatic certificates.
func (d *draft) checkCertificates() {
	owner := map[string]string{} // host name → role
	for _, r := range d.Roles {
		if r.Proxy == nil || !r.Proxy.SSL.Enabled {
			continue
		}
		at := d.ssl(r)
		if r.Proxy.SSL.Automatic() {
			d.checkIssued(r, at)
		}
		for _, host := range r.Proxy.Hosts {
			if other, taken := owner[host]; taken {
				at.problem("roles %s and %s cannot both have ssl for %s", other, r.Name, host)
			}
			owner[host] = r.Name
		}
	}
}

// ssl returns the value in the file that turned ssl on for a role.
func (d *draft) ssl(r Role) value {
	for _, file := range d.roleFiles {
		if own := file.proxy; file.name == r.Name && !own.absent() && own.Get("ssl") != nil {
			return own.at("ssl")
		}
	}
	at := d.proxy
	at.Node, at.path, at.log = at.Get("ssl"), "proxy/ssl", d.root.log
	return at.or(value{Node: &yamltree.Node{Pos: r.Proxy.Pos}})
}

// checkProxyRun reports hosts whose roles have different settings for the one proxy container.
func (d *draft) checkProxyRun() {
	for _, host := range d.AppHosts() {
		var first *Proxy
		for _, r := range d.RolesOn(host) {
			switch {
			case r.Proxy == nil:
			case first == nil:
				first = r.Proxy
			case !first.Run.equal(r.Proxy.Run):
				at := value{&yamltree.Node{Pos: r.Proxy.Pos}, "servers/" + r.Name + "/proxy", d.root.log}
				at.problem("the roles on %s have different settings in run; a host has one proxy", host)
			}
		}
	}
}

func samePair(a, b Pair) bool { return a.Name == b.Name && a.Value == b.Value }

func (r ProxyRun) equal(other ProxyRun) bool {
	sameOption := func(a, b Option) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }
	if !slices.Equal(r.BindIPs, other.BindIPs) || !slices.EqualFunc(r.Options, other.Options, sameOption) || !slices.EqualFunc(r.Args, other.Args, samePair) {
		return false
	}
	return r.Image == other.Image && r.HTTPPort == other.HTTPPort && r.HTTPSPort == other.HTTPSPort &&
		r.Publish == other.Publish && r.LogSize == other.LogSize && r.Debug == other.Debug && r.Metrics == other.Metrics && r.ACME.equal(other.ACME)
}
