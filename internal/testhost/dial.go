package testhost

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"mrsk/internal/redact"
	"mrsk/internal/remote"
)

// Size is the size of a terminal.
type Size struct{ Width, Height int }

func (s *Server) sized(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sizes = append(s.sizes, Size{width, height})
}

// Sizes are the sizes that terminals were given, in order.
func (s *Server) Sizes() []Size {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Size(nil), s.sizes...)
}

// Options log in on the server with its key, from a home of the test's own. Host keys are kept
// in that home's known_hosts.
func (s *Server) Options() remote.Options {
	return remote.Options{
		Login: remote.Login{User: "deploy"},
		Keys:  remote.Keys{Data: []redact.String{redact.New(string(s.keyPEM))}, Only: true},
		Files: remote.Files{None: true},
		Local: remote.Local{Home: s.t.TempDir(), User: "operator"},
	}
}

// Dial logs in on the server; the client is closed with the test.
func (s *Server) Dial(opts remote.Options) *remote.Client {
	s.t.Helper()
	target, err := remote.ParseTarget(s.Addr())
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := remote.Dial(s.t.Context(), target, opts)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

func dial(t testing.TB, host string, port uint32) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second}
	return d.DialContext(context.WithoutCancel(t.Context()), "tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
}
