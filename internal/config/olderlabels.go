package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// olderRoute is the route that Traefik labels of a role define.
type olderRoute struct {
	proxyFile
	tls, strip bool
	secured    []string // names of the routers with tls
	redirects  bool     // a middleware redirects HTTP to HTTPS
}

// applyLabels reads the Traefik labels by which MRSK and Kamal 1 routed requests, and reports whether
// they name the port. It ignores them if the file has a proxy section: then they are for another proxy.
func (d *draft) applyLabels(r roleFile, role *Role, traefik *olderTraefik) (port bool) {
	written := mergeProxy(d.proxy, r.proxy)
	if !written.absent() && written.Kind == yamltree.Map {
		return false
	}
	var route olderRoute
	found := false
	for _, p := range role.Labels {
		if rest, ok := strings.CutPrefix(strings.ToLower(p.Name), "traefik."); ok {
			found = true
			route.label(value{&yamltree.Node{Kind: yamltree.Scalar, Pos: p.Pos, Text: p.Value}, "labels/" + p.Name, d.root.log}, rest)
		}
	}
	// Those versions add a router that serves every name by HTTP, unless a label sets its tls.
	own := strings.ToLower(strings.TrimSuffix(strings.Join([]string{d.Service, r.name, d.Destination}, "-"), "-"))
	route.redirects = route.redirects || traefik != nil && traefik.redirects || slices.Contains(route.secured, own)
	route.applyTo(role.Proxy)
	if found {
		at := r.labels.or(d.labels)
		at.path, at.log = "servers/"+r.name+"/labels", d.root.log
		var kept flow
		if d.health.absent() && d.traefik.absent() {
			kept = d.kept()
		}
		at.older("%s", route.newer(d.advisedPort(role.Proxy.AppPort, route), kept))
	}
	return route.AppPort > 0
}

// advisedPort returns the port to name in the advice about labels. It is 0 if the notices of the sections
// traefik and healthcheck name it already.
func (d *draft) advisedPort(port int, route olderRoute) int {
	if route.AppPort == 0 && !(d.health.absent() && d.traefik.absent()) {
		return 0
	}
	return port
}

// olderLabels maps the name of a label, without the prefix "traefik.", to the function that applies it.
// The first match counts.
var olderLabels = []struct {
	name *regexp.Regexp
	take func(*olderRoute, value)
}{
	{regexp.MustCompile(`^http\.routers\.[^.]+\.rule$`), (*olderRoute).rule},
	{regexp.MustCompile(`^http\.routers\.[^.]+\.tls(\..*)?$`), (*olderRoute).secure},
	{regexp.MustCompile(`^http\.services\.[^.]+\.loadbalancer\.server\.port$`), func(r *olderRoute, v value) {
		port(func(r *olderRoute) *int { return &r.AppPort })(v, r)
	}},
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.stripprefix(\..*)?$`), func(r *olderRoute, _ value) { r.strip = true }},
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.(basicauth|digestauth|forwardauth|ipwhitelist|ipallowlist)(\..*)?$`), func(_ *olderRoute, v value) {
		v.advise("restrict access in the app or in front of the proxy, and remove the label", "the proxy cannot restrict access, so everyone could reach the app")
	}},
	// mrsk sets these itself:
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.redirectscheme\..*$`), func(r *olderRoute, _ value) { r.redirects = true }},
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.retry\..*$`), nothing},
	{regexp.MustCompile(`^(enable|docker\.network|http\.routers\.[^.]+\.(entrypoints|priority|service|middlewares)|http\.services\.[^.]+\.loadbalancer\.server\.scheme)$`), nothing},
}

func nothing(*olderRoute, value) {}

// secure reads tls of a router.
func (r *olderRoute) secure(v value) {
	if v.Text == "false" {
		return
	}
	r.tls = true
	_, name, _ := strings.Cut(strings.ToLower(v.path), ".routers.")
	name, _, _ = strings.Cut(name, ".")
	r.secured = append(r.secured, name)
}

func (r *olderRoute) label(v value, name string) {
	for _, l := range olderLabels {
		if l.name.MatchString(name) {
			l.take(r, v)
			return
		}
	}
	v.lost("proxy has no key for it")
}

const (
	hostMatcher   = "Host\\((?:`[^`]+`,?)+\\)"
	prefixMatcher = "PathPrefix\\((?:`[^`]+`,?)+\\)"
)

// olderRule matches a rule without blanks that proxy/hosts and proxy/path_prefixes can express: host
// names, path prefixes, or both.
var (
	olderRule  = regexp.MustCompile(`^(?:\(?` + hostMatcher + `(?:\|\|` + hostMatcher + `)*\)?)?(?:(?:^|&&)\(?` + prefixMatcher + `(?:\|\|` + prefixMatcher + `)*\)?)?$`)
	ruleHost   = regexp.MustCompile(hostMatcher)
	rulePrefix = regexp.MustCompile(prefixMatcher)
	ruleWord   = regexp.MustCompile("`([^`]+)`")
)

// olderWildcard matches Traefik 2's form of a host name with any one label before a fixed domain.
var olderWildcard = regexp.MustCompile("HostRegexp\\(`\\{[A-Za-z][A-Za-z0-9_-]*(?::(?:\\[\\^\\\\?\\.\\]|\\[[A-Za-z0-9_-]+\\])\\+)?\\}\\.([A-Za-z0-9.-]+)`\\)")

// wildcards replaces olderWildcard in the rule by a host name such as *.a.com.
func wildcards(v value, rule string) string {
	for _, m := range olderWildcard.FindAllStringSubmatch(rule, -1) {
		v.older("it is read as *.%s, any one label before the domain", m[1])
		rule = strings.Replace(rule, m[0], "Host(`*."+m[1]+"`)", 1)
	}
	return rule
}

func (r *olderRoute) rule(v value) {
	rule := wildcards(v, strings.NewReplacer(" ", "", `"`, "`", "'", "`").Replace(v.Text))
	if !olderRule.MatchString(rule) || rule == "" {
		v.advise("write proxy: {hosts: […], path_prefix: …}, and remove the label", "the proxy routes by host name and path prefix, and this rule needs more")
		return
	}
	for _, host := range ruleWords(ruleHost, rule) {
		addProxyHost(v, host, &r.proxyFile)
	}
	for _, prefix := range ruleWords(rulePrefix, rule) {
		if NormalPrefix(prefix) != "/" {
			r.PathPrefixes = addPrefix(v, prefix, r.PathPrefixes)
		}
	}
}

// ruleWords returns the texts in backticks inside the matchers of one kind.
func ruleWords(kind *regexp.Regexp, rule string) []string {
	var words []string
	for _, matcher := range kind.FindAllString(rule, -1) {
		for _, m := range ruleWord.FindAllStringSubmatch(matcher, -1) {
			words = append(words, m[1])
		}
	}
	return words
}

// applyTo sets the route in the role's proxy. The container gets the whole path, unless a label strips
// the prefix.
func (r olderRoute) applyTo(p *Proxy) {
	p.Hosts, p.PathPrefixes = r.Hosts, r.PathPrefixes
	if len(r.PathPrefixes) > 0 {
		p.StripPathPrefix = r.strip
	}
	p.SSL.Enabled = r.tls && len(p.Hosts) > 0
	p.SSL.Redirect = r.redirects || !p.SSL.Enabled
	if r.AppPort > 0 {
		p.AppPort = r.AppPort
	}
}

// quoted puts names that begin with * in quotes, because YAML would read an alias.
func quoted(names []string) []string {
	all := slices.Clone(names)
	for i, name := range all {
		if strings.HasPrefix(name, "*") {
			all[i] = `"` + name + `"`
		}
	}
	return all
}

// newer returns what to write instead of the labels. port may be 0, and kept are further keys.
func (r olderRoute) newer(port int, kept flow) string {
	var f flow
	switch len(r.Hosts) {
	case 0:
	case 1:
		f.add("host", quoted(r.Hosts)[0])
	default:
		f.add("hosts", "["+strings.Join(quoted(r.Hosts), ", ")+"]")
	}
	if r.tls && len(r.Hosts) > 0 {
		f.add("ssl", true)
		if !r.redirects {
			f.add("ssl_redirect", false)
		}
	}
	if port > 0 && (len(f) > 0 || len(r.PathPrefixes) > 0 || r.AppPort > 0) {
		f.add("app_port", port)
	}
	if len(r.PathPrefixes) > 0 {
		f.add("path_prefixes", "["+strings.Join(r.PathPrefixes, ", ")+"]")
		f.add("strip_path_prefix", r.strip)
	}
	if len(f) == 0 {
		return "remove the labels for Traefik"
	}
	return fmt.Sprintf("replace the labels for Traefik by proxy: %v", append(f, kept...))
}
