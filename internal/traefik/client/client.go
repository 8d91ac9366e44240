// Package client tells an app who its client is. It is a plugin of Traefik, which interprets this
// file inside the proxy for every request: it stands on the standard library alone, and does little.
package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"time"
)

// Config is what a route file says of the clients of an app.
type Config struct {
	Forward bool     // what they say about themselves reaches the app
	Trusted []string // only when they connect from these networks; empty for all
}

// CreateConfig returns what holds unless a route file says otherwise.
func CreateConfig() *Config { return &Config{} }

// claims are the headers by which proxies tell an app about its client, its certificate and its user, in
// whatever way an app may spell them: many take an underscore or a dot for a dash. Proxy is none, but
// becomes the variable HTTP_PROXY of a CGI program.
var claims = regexp.MustCompile(`^(?i)((x[^a-z0-9])?forwarded([^a-z0-9].*)?|x[^a-z0-9]real[^a-z0-9]ip|` +
	`(x[^a-z0-9](cluster[^a-z0-9])?)?client[^a-z0-9]ip|x[^a-z0-9](url[^a-z0-9])?scheme|front[^a-z0-9]end[^a-z0-9]https|` +
	`(x[^a-z0-9])?client[^a-z0-9]cert([^a-z0-9].*)?|x[^a-z0-9]ssl[^a-z0-9].*|x[^a-z0-9]original[^a-z0-9]forwarded([^a-z0-9].*)?|` +
	`(x[^a-z0-9])?remote[^a-z0-9]user|proxy)$`)

// odd matches names that are another name to an app that takes any character for a dash.
var odd = regexp.MustCompile(`[^A-Za-z0-9-]`)

// New makes a handler that corrects the headers of a request before it reaches the app.
func New(_ context.Context, next http.Handler, config *Config, _ string) (http.Handler, error) {
	trusted, err := networks(config.Trusted)
	if err != nil {
		return nil, err
	}
	hostname, _ := os.Hostname() // as Traefik does, an empty one is left out
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if config.Forward && (len(trusted) == 0 || contains(trusted, r.RemoteAddr)) {
			believe(r.Header)
		} else {
			replace(r, hostname)
		}
		identify(r.Header)
		next.ServeHTTP(w, r)
	}), nil
}

func networks(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func contains(networks []netip.Prefix, address string) bool {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	ip := a.Addr().Unmap().WithZone("")
	for _, n := range networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// believe leaves what the client says, but for spellings that no proxy uses: those would get past a
// proxy in front that overwrites the usual ones. Traefik calls a websocket's protocol ws; apps know
// http.
func believe(h http.Header) {
	for name := range h {
		if odd.MatchString(name) && claims.MatchString(name) {
			delete(h, name)
		}
	}
	switch h.Get("X-Forwarded-Proto") {
	case "ws":
		h["X-Forwarded-Proto"] = []string{"http"}
	case "wss":
		h["X-Forwarded-Proto"] = []string{"https"}
	}
}

// replace puts what the proxy sees in the place of what the client says. Traefik itself adds
// X-Forwarded-For.
func replace(r *http.Request, hostname string) {
	h := r.Header
	for name := range h {
		if claims.MatchString(name) {
			delete(h, name)
		}
	}
	proto, port := "http", "80"
	if r.TLS != nil {
		proto, port = "https", "443"
	}
	if _, p, err := net.SplitHostPort(r.Host); err == nil && p != "" {
		port = p
	}
	h["X-Forwarded-Proto"] = []string{proto}
	h["X-Forwarded-Host"] = []string{r.Host}
	h["X-Forwarded-Port"] = []string{port}
	if hostname != "" {
		h["X-Forwarded-Server"] = []string{hostname}
	}
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		h["X-Real-Ip"] = []string{a.Addr().Unmap().WithZone("").String()}
	}
}

// identify adds when the request arrived, in milliseconds, and a name for it, unless somebody before
// this proxy has.
func identify(h http.Header) {
	if h.Get("X-Request-Start") == "" {
		h["X-Request-Start"] = []string{strconv.FormatInt(time.Now().UnixMilli(), 10)}
	}
	if h.Get("X-Request-Id") != "" {
		return
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // a UUID of version 4
	h["X-Request-Id"] = []string{fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])}
}
