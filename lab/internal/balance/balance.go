// Package balance is the lab's load balancer: a plain reverse proxy that goes
// round the hosts. It has no health checks, so that what a deploy does to
// requests is seen and not smoothed over.
package balance

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"sync/atomic"
	"time"
)

// dialTimeout bounds how long a host that is cut off holds a request up.
const dialTimeout = 2 * time.Second

// errNoHost says that none of the hosts took the connection.
var errNoHost = errors.New("no host takes connections")

// New returns a handler that spreads requests over hosts ("vm1:80").
func New(hosts []string) http.Handler {
	ring := &ring{hosts: hosts}
	return &httputil.ReverseProxy{
		Rewrite: rewrite,
		Transport: &http.Transport{
			DialContext: ring.dial,
			// One connection per request: a kept one would tie later requests
			// to its host, and be retried in silence when the host closes it.
			DisableKeepAlives: true,
		},
		FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "balancer: "+err.Error(), http.StatusBadGateway)
		},
	}
}

// rewrite keeps the Host header and tells the client's address on.
func rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = "http"
	r.Out.URL.Host = "hosts"
	r.Out.Host = r.In.Host
	r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
	r.SetXForwarded()
}

type ring struct {
	hosts []string
	next  atomic.Uint64
}

// dial connects to the next host that answers. Trying another one is safe
// here, as nothing of the request has been sent yet.
func (r *ring) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	first := r.next.Add(1) - 1
	dialer := net.Dialer{Timeout: dialTimeout}
	failures := []error{errNoHost}
	for i := range r.hosts {
		host := r.hosts[(first+uint64(i))%uint64(len(r.hosts))]
		conn, err := dialer.DialContext(ctx, network, host)
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}
