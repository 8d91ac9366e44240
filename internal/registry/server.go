package registry

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"cuelabs.dev/go/oci/ociregistry"

	"mrsk/internal/redact"
)

// server is an HTTP server with a random login, which only the clients that it is for are given.
type server struct {
	http     *http.Server
	password redact.String
	loggedIn atomic.Bool
}

const user = "mrsk"

func newServer(next http.Handler) *server {
	s := &server{password: redact.New(rand.Text())}
	s.http = &http.Server{
		Handler:           s.guard(next),
		ReadHeaderTimeout: 10 * time.Second, // whoever has no login cannot keep a connection for long
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnContext:       withTransfer,
		ErrorLog:          log.New(io.Discard, "", 0), // what clients do wrong, they are told
	}
	return s
}

func (s *server) serve(l net.Listener) {
	go func() { _ = s.http.Serve(l) }() // ends with Close
}

// guard answers requests without the login with 401.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if name != user || subtle.ConstantTimeCompare([]byte(password), []byte(s.password.Reveal())) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="mrsk"`)
			_ = ociregistry.WriteError(w, ociregistry.ErrUnauthorized)
			return
		}
		s.loggedIn.Store(true)
		next.ServeHTTP(w, r)
	})
}

// Auth is the login as docker keeps it in its configuration file.
func (s *server) Auth() redact.String {
	return redact.New(base64.StdEncoding.EncodeToString([]byte(user + ":" + s.password.Reveal())))
}

// LoggedIn reports whether a client has used the login.
func (s *server) LoggedIn() bool { return s.loggedIn.Load() }

// Close stops serving and ends all connections.
func (s *server) Close() { _ = s.http.Close() }

// pipes is a listener for connections within the process.
type pipes struct {
	waiting chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func newPipes() *pipes { return &pipes{waiting: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, t *Transfer) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.waiting <- counted{there, t}:
		return here, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
