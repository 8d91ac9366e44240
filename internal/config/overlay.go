package config

import (
	"path"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// choice lists groups of keys of a section that set the same thing, such as host and hosts. If the
// destination has a key of one group, the keys of the other groups in the base are dropped.
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

// envs are the env sections. Their short form has the variables, their long form has them under clear.
var envs = []string{"env", "env/tags/*", "servers/*/env", "accessories/*/env", "traefik/env"}

// mergeOver returns over merged over base. at is the path of both.
func mergeOver(base, over *yamltree.Node, at string) *yamltree.Node {
	base, over = reconcile(base, over, at)
	return yamltree.Merge(base, over)
}

// reconcile prepares two trees for a merge: it brings env sections into the same form, and drops keys of
// base that over replaces by other keys.
func reconcile(base, over *yamltree.Node, at string) (*yamltree.Node, *yamltree.Node) {
	if base == nil || over == nil || base.Kind != yamltree.Map || over.Kind != yamltree.Map {
		return base, over
	}
	if among(envs, at) {
		base, over = longEnv(base, over), longEnv(over, base)
		base = withoutSecret(base, over)
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

// replaces reports whether over, the section at a path, sets by another key what key sets.
func replaces(over *yamltree.Node, at, key string) bool {
	for _, c := range choices {
		own := slices.IndexFunc(c.groups, func(g []string) bool { return slices.Contains(g, key) })
		if own < 0 || !among(c.sections, at) {
			continue
		}
		for i, g := range c.groups {
			if i != own && slices.ContainsFunc(g, func(k string) bool { return sets(over, k) }) {
				return true
			}
		}
	}
	return false
}

// sets reports whether a section has a key. publish: true does not count: it is the default, and may
// stand beside ports.
func sets(n *yamltree.Node, key string) bool {
	at := n.Get(key)
	if at == nil {
		return false
	}
	is, _ := at.Bool()
	return key != "publish" || !is
}

// longEnv returns the env section n in the long form if the section other has that form.
func longEnv(n, other *yamltree.Node) *yamltree.Node {
	if isComplex(value{Node: n}) || !isComplex(value{Node: other}) || len(n.Entries) == 0 {
		return n
	}
	return &yamltree.Node{Kind: yamltree.Map, Pos: n.Pos, Entries: []yamltree.Entry{{Key: "clear", Pos: n.Entries[0].Pos, Value: n}}}
}

// withoutSecret returns the env section base without the clear variables that over has as secrets.
func withoutSecret(base, over *yamltree.Node) *yamltree.Node {
	clear, secret := base.Get("clear"), over.Get("secret")
	if clear == nil || secret == nil || clear.Kind != yamltree.Map {
		return base
	}
	isSecret := func(name string) bool {
		return slices.ContainsFunc(secret.Items, func(n *yamltree.Node) bool {
			as, _, _ := strings.Cut(n.Text, ":")
			return n.Kind == yamltree.Scalar && as == name
		})
	}
	kept := *clear
	kept.Entries = slices.DeleteFunc(slices.Clone(clear.Entries), func(e yamltree.Entry) bool { return isSecret(e.Key) })
	b := *base
	b.Entries = slices.Clone(base.Entries)
	for i := range b.Entries {
		if b.Entries[i].Key == "clear" {
			b.Entries[i].Value = &kept
		}
	}
	return &b
}
