package config

import (
	"path"
	"slices"

	"mrsk/internal/yamltree"
)

// choice is a section with keys of which one at most, or one group, says something. What the
// destination says with one of them replaces what the base says with another.
type choice struct {
	sections []string // * is any name
	groups   [][]string
}

var (
	proxies = []string{"proxy", "servers/*/proxy", "accessories/*/proxy"}
	runs    = []string{"proxy/run", "servers/*/proxy/run", "accessories/*/proxy/run"}
	acmes   = []string{"proxy/run/acme", "servers/*/proxy/run/acme", "accessories/*/proxy/run/acme"}
)

var choices = []choice{
	{proxies, [][]string{{"host"}, {"hosts"}}},
	{proxies, [][]string{{"path_prefix"}, {"path_prefixes"}}},
	{runs, [][]string{{"publish"}, {"http_port", "https_port", "bind_ips"}}},
	{acmes, [][]string{{"challenge"}, {"dns"}}},
	{[]string{"accessories/*"}, [][]string{{"host"}, {"hosts"}, {"role"}, {"roles"}, {"tag"}, {"tags"}}},
	{[]string{"ssh"}, [][]string{{"proxy"}, {"proxy_command"}}},
	{[]string{"builder"}, [][]string{{"multiarch"}, {"arch"}}},
}

// envs are the sections that have a short form, whose pairs are those of clear in the long one.
var envs = []string{"env", "env/tags/*", "servers/*/env", "accessories/*/env", "traefik/env"}

// lay returns base with over laid over it; at is the path of both.
func lay(base, over *yamltree.Node, at string) *yamltree.Node {
	base, over = reconcile(base, over, at)
	return yamltree.Merge(base, over)
}

// reconcile makes both say what they say in the same keys, or takes away from base what over says
// in another one.
func reconcile(base, over *yamltree.Node, at string) (*yamltree.Node, *yamltree.Node) {
	if base == nil || over == nil || base.Kind != yamltree.Map || over.Kind != yamltree.Map {
		return base, over
	}
	if among(envs, at) {
		base, over = longEnv(base, over), longEnv(over, base)
	}
	b, o := *base, *over
	b.Entries, o.Entries = nil, slices.Clone(over.Entries)
	for _, e := range base.Entries {
		if replaces(over, at, e.Key) {
			continue
		}
		for i := range o.Entries {
			if o.Entries[i].Key == e.Key {
				e.Value, o.Entries[i].Value = reconcile(e.Value, o.Entries[i].Value, within(at, e.Key))
			}
		}
		b.Entries = append(b.Entries, e)
	}
	return &b, &o
}

func among(patterns []string, at string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, at); return ok })
}

// replaces reports whether over, at a path, says in another key what key says.
func replaces(over *yamltree.Node, at, key string) bool {
	for _, c := range choices {
		own := slices.IndexFunc(c.groups, func(g []string) bool { return slices.Contains(g, key) })
		if own < 0 || !among(c.sections, at) {
			continue
		}
		for i, g := range c.groups {
			if i != own && slices.ContainsFunc(g, func(k string) bool { return says(over, k) }) {
				return true
			}
		}
	}
	return false
}

// says reports whether a section has a key. To publish ports, the default, goes with any ports.
func says(n *yamltree.Node, key string) bool {
	at := n.Get(key)
	if at == nil {
		return false
	}
	is, _ := at.Bool()
	return key != "publish" || !is
}

// longEnv is an env section in the long form where the other one has that.
func longEnv(n, other *yamltree.Node) *yamltree.Node {
	if isComplex(value{Node: n}) || !isComplex(value{Node: other}) || len(n.Entries) == 0 {
		return n
	}
	return &yamltree.Node{Kind: yamltree.Map, Pos: n.Pos, Entries: []yamltree.Entry{{Key: "clear", Pos: n.Entries[0].Pos, Value: n}}}
}
