package traefik

import "slices"

// These types are the part of Traefik's dynamic configuration that mrsk writes
// (https://doc.traefik.io/traefik/reference/dynamic-configuration/file/). Values of users are only
// values of these fields, so they cannot add other fields.
type file struct {
	HTTP httpSection `json:"http"`
	TLS  *tlsSection `json:"tls,omitempty"`
}

type httpSection struct {
	Routers           map[string]router     `json:"routers"`
	Middlewares       map[string]middleware `json:"middlewares,omitempty"`
	Services          map[string]service    `json:"services"`
	ServersTransports map[string]transport  `json:"serversTransports,omitempty"`
}

type router struct {
	EntryPoints []string   `json:"entryPoints"`
	Rule        string     `json:"rule"`
	Priority    int        `json:"priority"`
	Service     string     `json:"service"`
	Middlewares []string   `json:"middlewares,omitempty"`
	TLS         *routerTLS `json:"tls,omitempty"`
}

// inside reports whether only the proxy itself can reach the router.
func (r router) inside() bool { return slices.Contains(r.EntryPoints, loopback) }

type routerTLS struct {
	CertResolver string   `json:"certResolver,omitempty"`
	Domains      []domain `json:"domains,omitempty"`
}

type domain struct {
	Main string `json:"main"`
}

type service struct {
	LoadBalancer loadBalancer `json:"loadBalancer"`
}

type loadBalancer struct {
	Servers          []upstream `json:"servers"`
	PassHostHeader   bool       `json:"passHostHeader"`
	ServersTransport string     `json:"serversTransport,omitempty"`
}

type upstream struct {
	URL string `json:"url"`
}

type transport struct {
	ForwardingTimeouts timeouts `json:"forwardingTimeouts"`
}

type timeouts struct {
	DialTimeout           string `json:"dialTimeout"`
	ResponseHeaderTimeout string `json:"responseHeaderTimeout"`
	IdleConnTimeout       string `json:"idleConnTimeout"`
}

type middleware struct {
	Headers        *headers        `json:"headers,omitempty"`
	StripPrefix    *stripPrefix    `json:"stripPrefix,omitempty"`
	RedirectScheme *redirectScheme `json:"redirectScheme,omitempty"`
	Buffering      *buffering      `json:"buffering,omitempty"`
	Errors         *failures       `json:"errors,omitempty"`
	Plugin         *plugin         `json:"plugin,omitempty"`
}

// failures is Traefik's middleware "errors": it replaces answers with a status by the answer of a service
// to a query.
type failures struct {
	Status  []string `json:"status"`
	Service string   `json:"service"`
	Query   string   `json:"query"`
}

type headers struct {
	Request map[string]string `json:"customRequestHeaders"`
}

type stripPrefix struct {
	Prefixes []string `json:"prefixes"`
}

type redirectScheme struct {
	Scheme    string `json:"scheme"`
	Permanent bool   `json:"permanent"`
}

type buffering struct {
	MemRequest  int `json:"memRequestBodyBytes"`
	MaxRequest  int `json:"maxRequestBodyBytes,omitempty"`
	MemResponse int `json:"memResponseBodyBytes"`
	MaxResponse int `json:"maxResponseBodyBytes,omitempty"`
}

// plugin holds the settings of one plugin, under its name in the proxy's options.
type plugin struct {
	Page   *page           `json:"mrsk-page,omitempty"`
	Client *clientSettings `json:"mrsk-client,omitempty"`
}

// clientSettings is client.Config in a route file.
type clientSettings struct {
	Forward bool     `json:"forward"`
	Trusted []string `json:"trusted,omitempty"`
}

// page is page.Config in a route file. The middleware has an effect only if a router names it.
type page struct {
	Status  int      `json:"status,omitempty"`
	File    string   `json:"file,omitempty"`
	Message string   `json:"message,omitempty"`
	Health  []string `json:"health,omitempty"`
}

type tlsSection struct {
	Certificates []certificate `json:"certificates"`
}

type certificate struct {
	CertFile string `json:"certFile"`
	KeyFile  string `json:"keyFile"`
}
