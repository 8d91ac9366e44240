package traefik

import "strings"

// The entry points of the proxy believe every client, because whether to is a matter of each app and
// Traefik knows it for an entry point alone. So each route corrects what its app is told, by package
// client.

// forwards reports whether the app is told what clients say about themselves: by default only
// without TLS, when something in front must have ended it.
func (r Route) forwards() bool {
	if f := r.Proxy.ForwardHeaders; f != nil {
		return *f
	}
	return !r.Proxy.SSL.Enabled
}

// clientMiddleware is what the name of the middleware ends in, "" without one.
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

// claims are the headers by which proxies tell an app about its client.
var claims = []string{
	"forwarded", "forwarded-for", "x-forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-server",
	"x-forwarded-uri", "x-forwarded-method", "x-forwarded-prefix", "x-forwarded-ssl", "x-forwarded-scheme",
	"x-forwarded-tls-client-cert", "x-forwarded-tls-client-cert-info",
	"x-real-ip", "client-ip", "x-client-ip", "x-cluster-client-ip", "x-scheme", "x-url-scheme", "front-end-https",
}

// ownHeaders is what package client does, as far as a proxy without it can: it removes what a client
// says about itself, also with underscores. Traefik then adds X-Forwarded-For with the address of the
// client, unless the name is given as it spells it itself: so all names are in lower case.
func ownHeaders(scheme string) *headers {
	own := map[string]string{"x_forwarded_proto": "", "X-Forwarded-Proto": scheme}
	for _, name := range claims {
		own[name], own[strings.ReplaceAll(name, "-", "_")] = "", ""
	}
	return &headers{Request: own}
}
