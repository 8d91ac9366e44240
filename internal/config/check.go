package config

import (
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// check finds what is wrong between sections. version is that of the program.
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
	required := []string{"service"}
	if d.root.Get("accessories") == nil {
		required = append(required, "servers")
	}
	for _, key := range required {
		if at := d.root.at(key); at.absent() {
			at.or(d.root).problem("is required")
		}
	}
}

func (d *draft) checkVersion(version string) {
	at := d.root.at("minimum_version")
	if d.minimumVersion == "" || version == "" {
		return
	}
	if !isVersion(d.minimumVersion) {
		at.problem("%q is no version such as 1.2.3", d.minimumVersion)
		return
	}
	switch {
	case !olderThan(version, d.minimumVersion):
	case d.OfKamal:
		at.lost("in a project of Kamal's it is a version of Kamal")
	default:
		at.advise("install a newer mrsk, or take the line out where it means Kamal", "this is mrsk %s, and at least %s is asked for", version, d.minimumVersion)
	}
}

// What names may have together: files and tags are made of them. A file system takes 255 bytes for
// the name of a file, of which some are for what stands before and behind; docker takes 255 for a
// repository with its registry, and 128 for a tag.
const (
	longestNames      = 200
	longestRepository = 255
	longestTag        = 128
)

func (d *draft) checkLengths() {
	if !isName(d.Service) {
		return // has been told
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

// olderThan compares versions number by number; what is missing counts as 0.
func olderThan(a, b string) bool {
	as, bs := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if x, y := numberAt(as, i), numberAt(bs, i); x != y {
			return x < y
		}
	}
	return false
}

// numberAt is the number that a part of a version begins with: 3 for 3-beta.
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
			r.at.problem("role %s has no hosts", r.name)
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

// saysNoHosts tells a role without hosts from one whose hosts could not be read, which has been
// told already.
func (r roleFile) saysNoHosts() bool {
	list := r.at.Node
	if list.Kind == yamltree.Map {
		list = r.at.Get("hosts")
	}
	return list == nil || list.Kind == yamltree.List && len(list.Items) == 0
}

// find is the index of a role, -1 without it.
func (p *Placement) find(role string) int {
	return slices.IndexFunc(p.Roles, func(r Role) bool { return r.Name == role })
}

// checkCertificates finds automatic certificates that several hosts, or several roles, would
// fight for.
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

// ssl is the value that turned ssl on for a role.
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

// checkProxyRun finds hosts whose roles want different proxy containers.
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
