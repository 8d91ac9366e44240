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

// door is an HTTP server with a login of its own, which nobody has but the clients that it is for.
type door struct {
	server   *http.Server
	password redact.String
	entered  atomic.Bool
}

const user = "mrsk"

func newDoor(inside http.Handler) *door {
	d := &door{password: redact.New(rand.Text())}
	d.server = &http.Server{
		Handler:           d.guard(inside),
		ReadHeaderTimeout: 10 * time.Second, // whoever has no login cannot keep a connection for long
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnContext:       withTransfer,
		ErrorLog:          log.New(io.Discard, "", 0), // what clients do wrong, they are told
	}
	return d
}

func (d *door) serve(l net.Listener) {
	go func() { _ = d.server.Serve(l) }() // ends with Close
}

// guard lets those in who have the login.
func (d *door) guard(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if name != user || subtle.ConstantTimeCompare([]byte(password), []byte(d.password.Reveal())) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="mrsk"`)
			_ = ociregistry.WriteError(w, ociregistry.ErrUnauthorized)
			return
		}
		d.entered.Store(true)
		inside.ServeHTTP(w, r)
	})
}

// Auth is the login as docker keeps it in its configuration file.
func (d *door) Auth() redact.String {
	return redact.New(base64.StdEncoding.EncodeToString([]byte(user + ":" + d.password.Reveal())))
}

// Entered reports whether anybody has come in with the login.
func (d *door) Entered() bool { return d.entered.Load() }

// Close stops serving and ends all connections.
func (d *door) Close() { _ = d.server.Close() }

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
