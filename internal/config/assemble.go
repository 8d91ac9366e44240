package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// dockerStopTimeout is the default timeout of docker stop.
const dockerStopTimeout = 10 * time.Second

// assemble sets what depends on several sections: the roles with the settings they inherit, the
// accessories, and the names of the images.
func (d *draft) assemble() {
	d.readGeneration()
	env := readEnv(d.env, true)
	labels := readLabels(d.labels)
	// These two calls report the problems of the sections even if there is no role.
	readLogging(d.logging, value{})
	if !d.health.absent() {
		olderHealthSection.read(d.health, &olderHealth{})
	}
	d.roleFiles = readRoles(d.servers)
	d.nameHosts()
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
	slices.SortFunc(d.Roles, d.byName)
	d.readAccessories()
	if traefik != nil {
		d.publishHTTPS()
	}
	d.checkAccessories()
	d.nameImages()
	d.chooseDriver()
}

// byName orders roles by name, the primary role first.
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

// role returns r with the settings that it inherits from the root. The caller adds env, labels and
// hosts.
func (d *draft) role(r roleFile) Role {
	options, restart := readOptions(r.options, aRole)
	checkAddresses(r.options, options, startedOn("", options))
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

// proxyOf returns the role's proxy settings, nil if it is not behind the proxy.
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

// putPairs returns base with the pairs of over, which replace those of the same name.
func putPairs(base, over []Pair) []Pair {
	merged := slices.Clone(base)
	for _, p := range over {
		merged = putPair(merged, p)
	}
	return merged
}

// tagged adds to each host the env of its tags, a later tag over an earlier one. A tag without an env
// adds nothing.
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

// repository matches the image names without a tag that docker accepts.
var repository = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)

// readImage reads the name of the image. It checks the name only if needed: a project with only
// accessories builds no image.
func readImage(v value, needed bool) string {
	image, ok := v.word()
	if ok && !needed {
		return image
	}
	if ok && !repository.MatchString(image) {
		advice := "write it like org/app: lower case, without tag and spaces"
		if name, tag, tagged := strings.Cut(image, ":"); tagged && repository.MatchString(name) {
			advice = "remove the tag :" + tag + ", because each version has its own"
		}
		v.advise(advice, "%q is not a repository name", image)
	}
	return image
}

// nameImages sets the names of the app's image and of the build cache's image.
func (d *draft) nameImages() {
	switch {
	case !d.image.absent():
		d.Image = readImage(d.image, !d.servers.absent())
	case d.Registry.Local() || d.servers.absent():
		d.Image = d.Service
		if !d.servers.absent() && IsName(d.Service) && !repository.MatchString(d.Service) {
			d.root.at("service").advise("add image with another one, such as "+strings.ToLower(d.Service),
				"docker does not accept %q as the name of the image, which is that of the service", d.Service)
		}
	default:
		d.image.Node, d.image.path, d.image.log = d.root.Node, "image", d.root.log
		d.image.problem("is required")
	}
	if c := d.Builder.Cache; c != nil && c.Image == "" {
		c.Image = d.Image + "-build-cache"
	}
}
