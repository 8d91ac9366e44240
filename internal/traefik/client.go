package traefik

import "strings"

// Traefik can trust X-Forwarded-* headers of clients per entry point only, but each app has its own
// setting. So the entry points trust every client, and each route corrects the headers by the plugin of
// package client.

// forwards reports whether the app gets X-Forwarded-* headers of clients. The default is true without
// ssl: then a load balancer in front ends TLS and sets the headers.
func (r Route) forwards() bool {
	if f := r.Proxy.ForwardHeaders; f != nil {
		return *f
	}
	return !r.Proxy.SSL.Enabled
}

// clientMiddleware returns the last part of the name of the middleware that corrects the headers, or ""
// if the route needs none.
func (r Route) clientMiddleware(entry string) string {
	switch {
	case !r.older:
		return "client"
	case !r.forwards() || len(r.Proxy.TrustedIPs) > 0:
		return entry + "-headers"
	}
	return ""
}

func (r Route) addClient(m map[string]middleware) {
	if !r.older {
		m[r.object("client")] = middleware{Plugin: &plugin{Client: &clientSettings{r.forwards(), r.Proxy.TrustedIPs}}}
		return
	}
	for _, entry := range []string{"http", "https"} {
		if name := r.clientMiddleware(entry); name != "" && (entry == "http" || r.Proxy.SSL.Enabled) {
			m[r.object(name)] = middleware{Headers: ownHeaders(entry)}
		}
	}
}

// claims are the headers by which a proxy describes the client to an app.
var claims = []string{
	"forwarded", "forwarded-for", "x-forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-server",
	"x-forwarded-uri", "x-forwarded-method", "x-forwarded-prefix", "x-forwarded-ssl", "x-forwarded-scheme",
	"x-forwarded-tls-client-cert", "x-forwarded-tls-client-cert-info",
	"x-real-ip", "client-ip", "x-client-ip", "x-cluster-client-ip", "x-scheme", "x-url-scheme", "front-end-https",
	"client-cert", "client-cert-chain", "x-client-cert", "x-ssl-cert", "x-ssl-client-cert", "x-ssl-client-verify", "x-ssl-client-s-dn", "x-ssl-client-dn",
	"x-original-forwarded-for", "x-original-forwarded-host", "x-original-forwarded-proto", "remote-user", "x-remote-user", "proxy",
}

// ownHeaders does for a proxy without the plugin what package client does, as far as possible: it removes
// the headers in claims, also with underscores. Names are in lower case, because with the name
// X-Forwarded-For in Traefik's own spelling Traefik would not add that header.
func ownHeaders(scheme string) *headers {
	own := map[string]string{"x_forwarded_proto": "", "X-Forwarded-Proto": scheme}
	for _, name := range claims {
		own[name], own[strings.ReplaceAll(name, "-", "_")] = "", ""
	}
	return &headers{Request: own}
}
