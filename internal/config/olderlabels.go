package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// olderRoute is what labels for Traefik say about the requests of a role.
type olderRoute struct {
	proxyFile
	tls, strip bool
}

// applyLabels reads the labels that led Traefik to the containers of MRSK and Kamal 1, and reports
// whether they name the port. In a newer file, and where the file has a proxy section, they are for
// another proxy, which is none of mrsk's business.
func (d *draft) applyLabels(r roleFile, role *Role) (port bool) {
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
	route.applyTo(role.Proxy)
	if found {
		at := r.labels.or(d.labels)
		at.path, at.log = "servers/"+r.name+"/labels", d.root.log
		at.older("%s", route.newer(d.unsaidPort(role.Proxy.AppPort, route)))
	}
	return route.AppPort > 0
}

// unsaidPort is the port to write beside what the labels say: 0 where the sections of Traefik and of the
// health check name it in their advice.
func (d *draft) unsaidPort(port int, route olderRoute) int {
	if route.AppPort == 0 && !(d.health.absent() && d.traefik.absent()) {
		return 0
	}
	return port
}

// olderLabels says what becomes of a label, by its name behind traefik. The first one that fits
// counts.
var olderLabels = []struct {
	name *regexp.Regexp
	take func(*olderRoute, value)
}{
	{regexp.MustCompile(`^http\.routers\.[^.]+\.rule$`), (*olderRoute).rule},
	{regexp.MustCompile(`^http\.routers\.[^.]+\.tls(\..*)?$`), func(r *olderRoute, v value) { r.tls = r.tls || v.Text != "false" }},
	{regexp.MustCompile(`^http\.services\.[^.]+\.loadbalancer\.server\.port$`), func(r *olderRoute, v value) {
		port(func(r *olderRoute) *int { return &r.AppPort })(v, r)
	}},
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.stripprefix(\..*)?$`), func(r *olderRoute, _ value) { r.strip = true }},
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.(basicauth|digestauth|forwardauth|ipwhitelist|ipallowlist)(\..*)?$`), func(_ *olderRoute, v value) {
		v.advise("let the app, or something in front of the proxy, keep others out, and remove the label", "the proxy cannot keep anybody out, so without this the app would be open to all")
	}},
	// What mrsk sees to by itself:
	{regexp.MustCompile(`^http\.middlewares\.[^.]+\.(redirectscheme|retry)\..*$`), nothing},
	{regexp.MustCompile(`^(enable|docker\.network|http\.routers\.[^.]+\.(entrypoints|priority|service|middlewares)|http\.services\.[^.]+\.loadbalancer\.server\.scheme)$`), nothing},
}

func nothing(*olderRoute, value) {}

func (r *olderRoute) label(v value, name string) {
	for _, l := range olderLabels {
		if l.name.MatchString(name) {
			l.take(r, v)
			return
		}
	}
	v.lost("nothing in proxy is like it")
}

const (
	hostMatcher   = "Host\\((?:`[^`]+`,?)+\\)"
	prefixMatcher = "PathPrefix\\((?:`[^`]+`,?)+\\)"
)

// olderRule is a rule without blanks that proxy/hosts and proxy/path_prefixes can say: host
// names, or path prefixes, or both.
var (
	olderRule  = regexp.MustCompile(`^(?:\(?` + hostMatcher + `(?:\|\|` + hostMatcher + `)*\)?)?(?:(?:^|&&)\(?` + prefixMatcher + `(?:\|\|` + prefixMatcher + `)*\)?)?$`)
	ruleHost   = regexp.MustCompile(hostMatcher)
	rulePrefix = regexp.MustCompile(prefixMatcher)
	ruleWord   = regexp.MustCompile("`([^`]+)`")
)

// olderWildcard is any one label before a fixed domain, as Traefik 2 says it.
var olderWildcard = regexp.MustCompile("HostRegexp\\(`\\{[A-Za-z][A-Za-z0-9_-]*(?::(?:\\[\\^\\\\?\\.\\]|\\[[A-Za-z0-9_-]+\\])\\+)?\\}\\.([A-Za-z0-9.-]+)`\\)")

// wildcards says in the rule *.a.com for any one label before a.com.
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
		v.advise("write proxy: {hosts: […], path_prefix: …}, and remove the label", "the proxy's routes are made of host names and path prefixes, and this rule is of another kind")
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

// ruleWords returns what stands in backticks within the matchers of one kind.
func ruleWords(kind *regexp.Regexp, rule string) []string {
	var words []string
	for _, matcher := range kind.FindAllString(rule, -1) {
		for _, m := range ruleWord.FindAllStringSubmatch(matcher, -1) {
			words = append(words, m[1])
		}
	}
	return words
}

// applyTo fills in the role's proxy. Paths reach the container whole unless a label strips them.
func (r olderRoute) applyTo(p *Proxy) {
	p.Hosts, p.PathPrefixes = r.Hosts, r.PathPrefixes
	if len(r.PathPrefixes) > 0 {
		p.StripPathPrefix = r.strip
	}
	p.SSL.Enabled = r.tls && len(p.Hosts) > 0
	if r.AppPort > 0 {
		p.AppPort = r.AppPort
	}
}

// quoted are names as YAML wants them: a star without quotes is an alias.
func quoted(names []string) []string {
	all := slices.Clone(names)
	for i, name := range all {
		if strings.HasPrefix(name, "*") {
			all[i] = `"` + name + `"`
		}
	}
	return all
}

// newer is what to write in the place of the labels, with the port if there is one.
func (r olderRoute) newer(port int) string {
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
	}
	if port > 0 && (len(f) > 0 || len(r.PathPrefixes) > 0 || r.AppPort > 0) {
		f.add("app_port", port)
	}
	if len(r.PathPrefixes) > 0 {
		f.add("path_prefixes", "["+strings.Join(r.PathPrefixes, ", ")+"]")
		f.add("strip_path_prefix", r.strip)
	}
	if len(f) == 0 {
		return "leave out what is for Traefik"
	}
	return fmt.Sprintf("write proxy: %v for what is for Traefik", f)
}
