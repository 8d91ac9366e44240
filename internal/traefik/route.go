package traefik

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// Route is how requests reach the containers of its owner: one file in the proxy's volume.
type Route struct {
	Owner
	Proxy      *config.Proxy
	ErrorPages config.ErrorPages // the app's own
	Alias      string            // of the container that serves
	// Issuer is the host that this one receives a certificate of ACME from, "" where it gets its
	// own. IssuerPort is the port on which the issuer's proxy takes HTTP.
	Issuer     string
	IssuerPort int

	older bool // the proxy was started without the plugin client
}

// ForRole returns the route of a role to the container with that alias.
func ForRole(p *config.Project, role config.Role, alias string) Route {
	return Route{Owner: OfRole(p, role.Name), Proxy: role.Proxy, ErrorPages: p.ErrorPages, Alias: alias}
}

// ForAccessory returns the route of an accessory to the container with that alias.
func ForAccessory(a config.Accessory, alias string) Route {
	return Route{Owner: OfAccessory(a), Proxy: a.Proxy, Alias: alias}
}

// ReceivingOn returns the route as it is on a host, which may receive its certificate from another.
func (r Route) ReceivingOn(p *config.Project, host string) Route {
	r.Issuer = p.IssuerFor(r.role, host)
	r.IssuerPort = p.ProxyRunOn(r.Issuer).HTTPPort
	return r
}

// Service is the name of the service of this generation of containers. Each generation has its
// own, so that the connections to the last one are not reused.
func (r Route) Service() string { return r.object(r.Alias) }

func (r Route) name(entry string, i int) string {
	return r.object(fmt.Sprintf("%s%d", entry, i))
}

// Content is the file's text.
func (r Route) Content() string { return r.file().encode() }

// ContentOn is the file's text for the proxy of a host, which an earlier version may have started.
func (r Route) ContentOn(h facts.Host) string {
	r.older = h.Proxy.Running() && !h.Proxy.Client
	return r.Content()
}

// Check returns why the proxy cannot read the file, nil if it can.
func (r Route) Check() error { return check(r.Content()) }

func (r Route) file() file {
	p := r.Proxy
	f := file{HTTP: httpSection{
		Routers:     map[string]router{},
		Middlewares: r.middlewares(),
		Services: map[string]service{r.Service(): {LoadBalancer: loadBalancer{
			Servers:          []upstream{{URL: fmt.Sprintf("http://%s:%d", r.Alias, p.AppPort)}},
			PassHostHeader:   true,
			ServersTransport: r.Service(),
		}}},
		ServersTransports: map[string]transport{r.Service(): {ForwardingTimeouts: timeouts{
			DialTimeout:           "10s",
			ResponseHeaderTimeout: p.ResponseTimeout.String(),
			IdleConnTimeout:       "2s",
		}}},
	}}
	for i, prefix := range prefixes(p) {
		r.addRouters(f.HTTP.Routers, i, prefix)
	}
	r.addPages(f)
	f.TLS = r.certificates()
	return f
}

// prefixes are the role's path prefixes; a role without one has the whole path.
func prefixes(p *config.Proxy) []string {
	if len(p.PathPrefixes) == 0 {
		return []string{"/"}
	}
	return p.PathPrefixes
}

// addRouters adds the routers of one prefix: with TLS one for each entry point. Each prefix has
// routers of its own, so that the longest one wins whatever the number of host names. So have names
// and wildcards, so that a name wins against the wildcard of any app.
func (r Route) addRouters(routers map[string]router, i int, prefix string) {
	names, wild := apart(r.Proxy.Hosts)
	if len(names) == 0 || len(wild) == 0 {
		r.addRouter(routers, "", i, r.Proxy.Hosts, prefix)
		return
	}
	r.addRouter(routers, "", i, names, prefix)
	r.addRouter(routers, "-wild", i, wild, prefix)
}

// apart divides host names into exact ones and wildcards.
func apart(hosts []string) (names, wild []string) {
	for _, h := range hosts {
		if isWildcard(h) {
			wild = append(wild, h)
		} else {
			names = append(names, h)
		}
	}
	return names, wild
}

func (r Route) addRouter(routers map[string]router, kind string, i int, hosts []string, prefix string) {
	plain := router{
		EntryPoints: []string{"http"},
		Rule:        rule(hosts, prefix),
		Priority:    priority(hosts, prefix),
		Service:     r.Service(),
		Middlewares: r.chain("http", i, prefix),
	}
	if ssl := r.Proxy.SSL; ssl.Enabled {
		secure := plain
		secure.EntryPoints = []string{"https"}
		secure.Middlewares = r.chain("https", i, prefix)
		secure.TLS = r.tls(hosts)
		routers[r.name("https"+kind, i)] = secure
		if ssl.Redirect {
			plain.Middlewares = []string{r.object("redirect")}
		}
	}
	routers[r.name("http"+kind, i)] = plain
}

// tls says where the certificate comes from: out of a file, unless this proxy gets it itself. A
// wildcard has to be asked for by name, and each name has a certificate of its own then, as ACME
// servers refuse one for a wildcard and a name that it covers.
func (r Route) tls(hosts []string) *routerTLS {
	p := r.Proxy
	if p.SSL.Custom() || r.Issuer != "" {
		return &routerTLS{}
	}
	t := &routerTLS{CertResolver: config.ACMEResolver}
	if slices.ContainsFunc(p.Hosts, isWildcard) {
		for _, h := range hosts {
			t.Domains = append(t.Domains, domain{Main: h})
		}
	}
	return t
}

func isWildcard(host string) bool { return strings.HasPrefix(host, "*.") }

// rule matches a prefix under any of the host names. To Traefik /apiary begins with /api.
func rule(hosts []string, prefix string) string {
	var names []string
	for _, h := range hosts {
		names = append(names, hostRule(h))
	}
	var parts []string
	if len(names) > 0 {
		parts = append(parts, "("+strings.Join(names, " || ")+")")
	}
	switch {
	case !strings.HasSuffix(prefix, "/"):
		parts = append(parts, fmt.Sprintf("(Path(`%s`) || PathPrefix(`%[1]s/`))", prefix))
	case prefix != "/" || len(names) == 0:
		parts = append(parts, fmt.Sprintf("PathPrefix(`%s`)", prefix))
	}
	return strings.Join(parts, " && ")
}

// hostRule matches a name, or every name one label below a wildcard.
func hostRule(host string) string {
	if rest, wild := strings.CutPrefix(host, "*."); wild {
		return fmt.Sprintf("HostRegexp(`^[^.]+\\.%s$`)", regexp.QuoteMeta(rest))
	}
	return fmt.Sprintf("Host(`%s`)", host)
}

// priority ranks routes as a reader of the rules would: an exact name before a wildcard before
// none, then the longer prefix. The proxy's own ranking, by the length of the rule, would let
// an app with many names win over another's longer prefix. It is even, which leaves the odd ones
// to what comes right before a route, see addPages.
func priority(hosts []string, prefix string) int {
	wild := slices.ContainsFunc(hosts, isWildcard)
	switch {
	case len(hosts) == 0:
		return 2 * len(prefix)
	case wild:
		return 2 * (10_000 + len(prefix))
	}
	return 2 * (20_000 + len(prefix))
}

// chain names the middlewares that a request with a prefix passes on an entry point.
func (r Route) chain(entry string, i int, prefix string) []string {
	var names []string
	if name := r.clientMiddleware(entry); name != "" {
		names = append(names, r.object(name))
	}
	if r.strips(prefix) {
		names = append(names, r.name("strip", i))
	}
	if r.Proxy.Buffering != nil {
		names = append(names, r.object("buffering"))
	}
	return names
}

// strips reports whether a prefix is taken off. Each one has a middleware of its own: one for all
// would take off the first that fits.
func (r Route) strips(prefix string) bool { return r.Proxy.StripPathPrefix && prefix != "/" }

func (r Route) middlewares() map[string]middleware {
	p, m := r.Proxy, map[string]middleware{}
	r.addClient(m)
	for i, prefix := range prefixes(p) {
		if r.strips(prefix) {
			m[r.name("strip", i)] = middleware{StripPrefix: &stripPrefix{Prefixes: []string{prefix}}}
		}
	}
	if b := p.Buffering; b != nil {
		m[r.object("buffering")] = middleware{Buffering: &buffering{b.Memory, b.MaxRequest, b.Memory, b.MaxResponse}}
	}
	if p.LogHeaders != nil {
		m[r.object(logged)] = loggingMiddleware(p.LogHeaders)
	}
	if file := r.page(unavailable); file != "" {
		m[r.object("page")] = pageMiddleware("/mrsk/" + file)
	}
	if p.SSL.Enabled && p.SSL.Redirect {
		m[r.object("redirect")] = middleware{RedirectScheme: &redirectScheme{Scheme: "https", Permanent: true}}
	}
	return m
}

func (r Route) certificates() *tlsSection {
	if !r.Proxy.SSL.Custom() {
		return nil
	}
	name := "/mrsk/" + r.certificate()
	return &tlsSection{Certificates: []certificate{{CertFile: name + ".crt", KeyFile: name + ".key"}}}
}

// certificate is the name of the role's certificate files without their ending. It changes with
// the content, so that a new certificate is a new route and takes part in its undo.
func (r Route) certificate() string {
	ssl := r.Proxy.SSL
	sum := sha256.Sum256([]byte(ssl.Certificate.Value.Reveal() + "\x00" + ssl.PrivateKey.Value.Reveal()))
	return "certs/" + r.base() + separator + hex.EncodeToString(sum[:6])
}
