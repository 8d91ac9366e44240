package traefik

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// Route describes how the proxy sends requests to the container of its owner. It is one file in the
// proxy's volume.
type Route struct {
	Owner
	Proxy      *config.Proxy
	ErrorPages config.ErrorPages // the app's own
	Alias      string            // of the container that gets the requests
	// Issuer is the host from which this one receives its ACME certificate, or "" if its own proxy
	// obtains it. IssuerPort is the HTTP port of the issuer's proxy.
	Issuer     string
	IssuerPort int

	secrets config.Secrets // have the role's own certificate, see With
	older   bool           // the proxy was started without the plugin client
}

// ForRole returns the route of a role to the container with the alias.
func ForRole(p *config.Project, role config.Role, alias string) Route {
	return Route{Owner: OfRole(p, role.Name), Proxy: role.Proxy, ErrorPages: p.ErrorPages, Alias: alias}
}

// ForAccessory returns the route of an accessory to the container with the alias.
func ForAccessory(a config.Accessory, alias string) Route {
	return Route{Owner: OfAccessory(a), Proxy: a.Proxy, Alias: alias}
}

// With returns the route with the secrets that its own certificate is read from. Files and Content need
// them if there is one.
func (r Route) With(secrets config.Secrets) Route {
	r.secrets = secrets
	return r
}

// ReceivingOn returns the route for a host, with Issuer and IssuerPort set if the host receives its
// certificate from another.
func (r Route) ReceivingOn(p *config.Project, host string) Route {
	r.Issuer = p.IssuerFor(r.role, host)
	r.IssuerPort = p.ProxyRunOn(r.Issuer).HTTPPort
	return r
}

// Service returns the name of the Traefik service for the container. Each container has its own service,
// so that Traefik does not reuse connections to the previous one.
func (r Route) Service() string { return r.object(r.Alias) }

func (r Route) name(entry string, i int) string {
	return r.object(fmt.Sprintf("%s%d", entry, i))
}

// Content returns the text of the route file.
func (r Route) Content() string { return r.file().encode() }

// ContentOn returns the text of the route file for the proxy of a host. If an earlier version of mrsk
// started the proxy, the route does not use the plugins that it lacks.
func (r Route) ContentOn(h facts.Host) string {
	r.older = h.Proxy.Running() && !h.Proxy.Client
	return r.Content()
}

// Check returns an error if the proxy cannot read the route file.
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
			IdleConnTimeout:       idleTimeout.String(),
		}}},
	}}
	for i, prefix := range prefixes(p) {
		r.addRouters(f.HTTP.Routers, i, prefix)
	}
	r.addPages(f)
	f.TLS = r.certificates()
	return f
}

// idleTimeout is how long the proxy keeps a connection to a container that no request uses. A drain takes
// connections for requests, so it lasts at least this long after the last one. Dialling again is
// cheap, as the container is on the same host: with 200 ms, throughput and latency are those of 2 s,
// from 50 requests a second to as many as possible. With 20 ms a request costs a third more CPU, most of
// it for looking up the address.
const idleTimeout = 200 * time.Millisecond

// prefixes returns the path prefixes of a proxy section, or / if it has none.
func prefixes(p *config.Proxy) []string {
	if len(p.PathPrefixes) == 0 {
		return []string{"/"}
	}
	return p.PathPrefixes
}

// addRouters adds the routers of one prefix, with TLS one per entry point. The priority of a router
// depends on the prefix and on whether the host names are wildcards, so each prefix has its own routers,
// and exact names and wildcards have different ones.
func (r Route) addRouters(routers map[string]router, i int, prefix string) {
	names, wild := splitWildcards(r.Proxy.Hosts)
	if len(names) == 0 || len(wild) == 0 {
		r.addRouter(routers, "", i, r.Proxy.Hosts, prefix)
		return
	}
	r.addRouter(routers, "", i, names, prefix)
	r.addRouter(routers, "-wild", i, wild, prefix)
}

// splitWildcards divides host names into exact ones and wildcards.
func splitWildcards(hosts []string) (names, wild []string) {
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

// tls returns the TLS settings of a router. A certificate that this proxy does not obtain itself comes
// from a file. For wildcards, Traefik needs the names to request. They are listed one by one, because ACME
// servers refuse a certificate for both a wildcard and a name that it covers.
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

// rule returns the Traefik rule for a prefix under any of the host names. PathPrefix(`/api`) alone would
// also match /apiary, so the rule ends the prefix with a slash.
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

// hostRule returns the Traefik matcher of a host name. A wildcard matches names with one more label.
func hostRule(host string) string {
	if rest, wild := strings.CutPrefix(host, "*."); wild {
		return fmt.Sprintf("HostRegexp(`^[^.]+\\.%s$`)", regexp.QuoteMeta(rest))
	}
	return fmt.Sprintf("Host(`%s`)", host)
}

// priority returns the priority of a router: an exact host name is before a wildcard, a wildcard before no
// name, then a longer prefix is before a shorter one. Traefik's default, the length of the rule, would put
// an app with many names before one with a longer prefix. Priorities are even, so that addPages can put a
// router directly before another.
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

// chain returns the names of the middlewares for requests with a prefix on an entry point, in order.
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

// strips reports whether the route strips a prefix. Each prefix has its own middleware, because one
// middleware for all would strip the first that matches.
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

// certificate returns the name of the role's certificate files without the extension. The name depends on
// the content. So a new certificate changes the route, and the undo of the route restores the former one.
func (r Route) certificate() string {
	ssl := r.Proxy.SSL
	sum := sha256.Sum256([]byte(r.secrets.Of(ssl.Certificate).Reveal() + "\x00" + r.secrets.Of(ssl.PrivateKey).Reveal()))
	return "certs/" + r.base() + separator + hex.EncodeToString(sum[:6])
}
