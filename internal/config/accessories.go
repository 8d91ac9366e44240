package config

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// readAccessories reads the accessories and completes them with what other sections say.
func (d *draft) readAccessories() {
	if d.accessories.absent() {
		return
	}
	entries, _ := d.accessories.hash()
	for _, e := range entries {
		if !IsName(e.key) {
			e.problem("accessory %q should consist of letters, digits, - and _, and begin with a letter or a digit", e.key)
		}
		d.Accessories = append(d.Accessories, d.accessory(e))
	}
}

func (d *draft) accessory(e named) Accessory {
	a := accessoryFile{Accessory: Accessory{Name: e.key, Service: d.Service + "-" + e.key, Pos: e.pos}}
	if !accessorySection.read(e.value, &a) {
		return a.Accessory
	}
	a.Env = readEnv(a.env, false).Env
	a.Labels = readLabels(a.labels)
	a.Proxy = d.accessoryProxy(a.proxy)
	a.readOptions()
	a.Logging = readLogging(d.logging, value{})
	a.Registry = readOwnRegistry(a.registry)
	if server := a.Registry.Server; server != "" && a.Image != "" {
		a.Image = strings.TrimSuffix(server, "/") + "/" + a.Image
	}
	a.Hosts = d.placed(e.value, a.places)
	return a.Accessory
}

// readOptions reads the options of docker run, which depend on the network that the container is started with.
func (a *accessoryFile) readOptions() {
	own := a.Network
	if a.Proxy != nil {
		own = "" // it joins its own network in addition to that of the proxy
	}
	a.Options, a.Restart = readOptions(a.options, anAccessory)
	network := startedOn(own, a.Options)
	checkAddresses(a.options, a.Options, network)
	a.Options = append(a.Options, containerName(a.options, network)...)
}

// accessoriesWithHosts returns the accessories of which a run can make containers. A scope has the others, too,
// see accessoriesOn.
func (p *Placement) accessoriesWithHosts() []Accessory {
	return slices.DeleteFunc(slices.Clone(p.Accessories), func(a Accessory) bool { return len(a.Hosts) == 0 })
}

// CheckImages finds accessories without an image, of which no container can be made. A file that has
// one is fine for everything else.
func (p *Placement) CheckImages() error {
	var problems Problems
	for _, a := range p.accessoriesWithHosts() {
		if a.Image == "" {
			problems = append(problems, yamltree.Problem{Pos: a.Pos, Path: "accessories/" + a.Name, Text: "image is required"})
		}
	}
	return problems.Err()
}

func readOwnRegistry(v value) Registry {
	own := draft{}
	own.Registry.None = true
	if !v.absent() {
		readRegistry(v, &own)
	}
	return own.Registry
}

// placed are the hosts that the one key which says so names, each once.
func (d *draft) placed(v value, places []place) []string {
	switch len(places) {
	case 0:
		v.problem("specify one of host, hosts, role, roles, tag and tags")
		return nil
	case 1:
	default:
		v.problem("%s and %s cannot be used together: specify one of host, hosts, role, roles, tag and tags", places[0].key, places[1].key)
		return nil
	}
	p, hosts := places[0], []string(nil)
	for i, word := range p.words {
		for _, host := range d.placesOf(p, i, word) {
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	return hosts
}

func (d *draft) placesOf(p place, i int, word string) []string {
	at := p.at
	if len(at.Items) > 0 {
		at = at.child(fmt.Sprint(i), at.Items[i])
	}
	switch p.key {
	case "role", "roles":
		return d.roleHosts(at, word)
	case "tag", "tags":
		return d.taggedHosts(at, word)
	}
	isHost(at, word)
	return []string{d.nameOf(at, word)}
}

func (d *draft) roleHosts(at value, name string) []string {
	role, found := d.Role(name)
	if found {
		return d.HostsOf(role)
	}
	advice := "there are no roles"
	if names := d.roleNames(); len(names) > 0 {
		advice = "the roles are " + strings.Join(names, ", ")
	}
	at.advise(advice, "there is no role %q", name)
	return nil
}

func (d *draft) roleNames() []string {
	var names []string
	for _, r := range d.Roles {
		names = append(names, r.Name)
	}
	return names
}

func (d *draft) taggedHosts(at value, tag string) []string {
	var hosts []string
	for _, r := range d.Roles {
		for _, h := range r.Hosts {
			if slices.Contains(h.Tags, tag) {
				hosts = append(hosts, h.Name)
			}
		}
	}
	if len(hosts) == 0 {
		at.nowhere(fmt.Sprintf("no host has the tag %q, so the accessory has no host there", tag))
	}
	return hosts
}

// accessoryProxy is the accessory's proxy, nil when it is not behind one. Without settings of its
// own for the proxy container it goes along with what the root says.
func (d *draft) accessoryProxy(v value) *Proxy {
	if v.absent() {
		return nil
	}
	if entries, ok := v.hash(); !ok || len(entries) == 0 {
		return nil
	}
	p := readProxy(v)
	if v.Get("run") == nil {
		p.Run = d.ProxyRun
	}
	checkNamed(v, p)
	return p
}

// checkAccessories finds accessories that get into each other's way, or into the app's. On
// different hosts they may share a name.
func (d *draft) checkAccessories() {
	for i, a := range d.Accessories {
		at := d.accessories.at(a.Name)
		if other := d.namesake(a, d.Accessories[:i]); other != "" {
			at.problem("the name %s is that of %s, too: give it another with service", a.Service, other)
		}
		if a.Proxy != nil {
			d.checkProxied(a, at)
		}
	}
}

// namesake is who has the accessory's name already, where that counts; "" is nobody.
func (d *draft) namesake(a Accessory, earlier []Accessory) string {
	if a.Service == d.Service {
		return "the app"
	}
	for _, other := range earlier {
		if other.Service == a.Service && slices.ContainsFunc(a.Hosts, other.On) {
			return "accessory " + other.Name
		}
	}
	return ""
}

// checkProxied reports settings with which an accessory cannot be behind the proxy.
func (d *draft) checkProxied(a Accessory, at value) {
	if name := nameOfNetwork(a.Network); ExclusiveNetwork(name) {
		at.at("network").problem("the proxy cannot find a container on the network %s", name)
	}
	if ssl := a.Proxy.SSL; ssl.Enabled && !ssl.Custom() && len(a.Hosts) > 1 {
		at.at("proxy").at("ssl").advise("give a certificate of your own (ssl: {certificate_pem: …, private_key_pem: …}), or use one host",
			"accessory %s has %d hosts, but automatic ssl works on a single one", a.Name, len(a.Hosts))
	}
	run := at.at("proxy").at("run")
	for _, host := range a.Hosts {
		if !run.absent() && !a.Proxy.Run.equal(d.ProxyRunOn(host)) {
			run.problem("another role or accessory on %s has different settings in run; a host has one proxy", host)
		}
	}
}

// SelectAccessories returns s with the accessories that fit one of the patterns, each of which may
// be a shell pattern, or all. The error is a *SelectionError.
func (s *Scope) SelectAccessories(patterns ...string) (*Scope, error) {
	var names []string
	for _, a := range s.Accessories {
		names = append(names, a.Name)
	}
	if slices.Equal(patterns, []string{"all"}) && !slices.Contains(names, "all") {
		return s, nil
	}
	picked, err := pick("accessory", patterns, names, matches)
	if err != nil {
		return nil, err
	}
	narrow := *s
	narrow.Accessories = slices.DeleteFunc(slices.Clone(s.Accessories), func(a Accessory) bool { return !slices.Contains(picked, a.Name) })
	return &narrow, nil
}

// accessoriesOn narrows the accessories down to hosts. One that is on none of them stays, so
// that whoever names it can be told where it is.
func (p *Placement) accessoriesOn(hosts []string) []Accessory {
	narrow := slices.Clone(p.Accessories)
	for i, a := range narrow {
		narrow[i].Hosts = slices.DeleteFunc(slices.Clone(a.Hosts), func(h string) bool { return !slices.Contains(hosts, h) })
	}
	return narrow
}

func (p *Placement) shownAccessories() map[string]AccessoryView {
	all := map[string]AccessoryView{}
	for _, a := range p.Accessories {
		v := AccessoryView{
			Service: a.Service, Image: a.Image, Hosts: append([]string{}, a.Hosts...), Cmd: a.Cmd, Port: strings.Join(a.Ports, " --publish "),
			Volumes: a.Binds(), Network: a.Network,
		}
		for _, p := range a.Env.Clear {
			v.Env = append(v.Env, p.Name)
		}
		for _, s := range a.Env.Secret {
			v.Env = append(v.Env, s.Name)
		}
		if a.Proxy != nil {
			v.Proxied = append([]string{}, a.Proxy.Hosts...)
		}
		all[a.Name] = v
	}
	return all
}
