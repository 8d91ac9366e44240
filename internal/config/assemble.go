package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// dockerStopTimeout is what docker stop waits for unless it is told otherwise.
const dockerStopTimeout = 10 * time.Second

// assemble builds what needs several sections: the roles, with what they inherit, and the names
// of the images.
func (d *draft) assemble() {
	d.readGeneration()
	env := readEnv(d.env, true)
	labels := readLabels(d.labels)
	readLogging(d.logging, value{}) // tells its problems even when no role is there
	if !d.health.absent() {
		olderHealthSection.read(d.health, &olderHealth{}) // likewise
	}
	d.roleFiles = readRoles(d.servers)
	traefik := d.readOlderTraefik()
	for _, r := range d.roleFiles {
		role := d.role(r)
		role.Env = readEnv(r.env, false).over(env.Env)
		role.Labels = putPairs(labels, readLabels(r.labels))
		d.applyOlder(r, &role, traefik)
		role.Hosts = tagged(r.hosts, env.tags)
		d.Roles = append(d.Roles, role)
	}
	d.olderTimeout()
	d.noteGeneration()
	if traefik != nil {
		d.publishHTTPS()
	}
	slices.SortFunc(d.Roles, d.byName)
	d.readAccessories()
	d.nameImages()
	d.chooseDriver()
}

// byName orders roles: the primary first.
func (d *draft) byName(a, b Role) int {
	switch {
	case a.Name == b.Name:
		return 0
	case a.Name == d.PrimaryRole:
		return -1
	case b.Name == d.PrimaryRole:
		return 1
	}
	return strings.Compare(a.Name, b.Name)
}

// role is r with everything that the root adds, but for env, labels and hosts.
func (d *draft) role(r roleFile) Role {
	options, restart := readOptions(r.options)
	role := Role{
		Name:    r.name,
		Cmd:     r.cmd,
		Options: options,
		Restart: restart,
		Volumes: slices.Clone(d.volumes),
		Logging: readLogging(d.logging, r.logging),
		Proxy:   d.proxyOf(r),
		Order:   cmp.Or(r.order, d.order),
	}
	role.StopTimeout = d.stopTimeoutOf(r, role.Proxy != nil)
	role.Assets = d.assetsOf(r, role.Proxy != nil)
	return role
}

func (d *draft) stopTimeoutOf(r roleFile, proxied bool) time.Duration {
	switch {
	case r.stopTimeout != nil:
		return *r.stopTimeout
	case d.stopTimeout != nil:
		return *d.stopTimeout
	case proxied || d.older:
		return dockerStopTimeout
	}
	return d.DrainTimeout
}

// proxyOf is the role's proxy, nil when it is not behind one.
func (d *draft) proxyOf(r roleFile) *Proxy {
	if !d.isProxied(r) {
		return nil
	}
	at := mergeProxy(d.proxy, r.proxy)
	if at.absent() {
		p := defaultProxy()
		p.Pos = r.at.Pos
		return &p
	}
	p := readProxy(at)
	checkNamed(at, p)
	return p
}

func (d *draft) isProxied(r roleFile) bool {
	if r.proxy.absent() {
		return r.traefik != nil && *r.traefik || r.traefik == nil && r.name == d.PrimaryRole
	}
	is, ok := r.proxy.Bool()
	if !ok && r.proxy.Kind != yamltree.Map {
		r.proxy.shouldBe("a boolean or a hash")
		return false
	}
	return is || !ok
}

// putPairs returns base with over's pairs put in.
func putPairs(base, over []Pair) []Pair {
	merged := slices.Clone(base)
	for _, p := range over {
		merged = putPair(merged, p)
	}
	return merged
}

// tagged gives each host what its tags add, the later tag over the earlier. Tags that env does
// not know add nothing.
func tagged(hosts []Host, tags []tagEnv) []Host {
	for i, h := range hosts {
		for _, tag := range h.Tags {
			for _, t := range tags {
				if t.tag == tag {
					h.Env = t.env.over(h.Env)
				}
			}
		}
		hosts[i] = h
	}
	return hosts
}

// repository is what docker takes for the name of an image, without a tag.
var repository = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)

// readImage reads the name of the image. A project that has accessories alone makes none of that name.
func readImage(v value, needed bool) string {
	image, ok := v.word()
	if ok && !needed {
		return image
	}
	if ok && !repository.MatchString(image) {
		advice := "write it like org/app: lower case, without tag and spaces"
		if name, tag, tagged := strings.Cut(image, ":"); tagged && repository.MatchString(name) {
			advice = "leave the tag :" + tag + " out: every version has its own"
		}
		v.advise(advice, "%q is no name of a repository", image)
	}
	return image
}

// nameImages fills in the image and that of the build cache.
func (d *draft) nameImages() {
	switch {
	case !d.image.absent():
		d.Image = readImage(d.image, !d.servers.absent())
	case d.Registry.Local() || d.servers.absent():
		d.Image = d.Service
		if !d.servers.absent() && isName(d.Service) && !repository.MatchString(d.Service) {
			d.root.at("service").advise("add image with another one, such as "+strings.ToLower(d.Service),
				"%q would be the name of the image, too, which docker does not take", d.Service)
		}
	default:
		d.image.Node, d.image.path, d.image.log = d.root.Node, "image", d.root.log
		d.image.problem("is required")
	}
	if c := d.Builder.Cache; c != nil && c.Image == "" {
		c.Image = d.Image + "-build-cache"
	}
}
