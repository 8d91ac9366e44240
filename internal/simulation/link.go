package simulation

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"mrsk/internal/remote"
)

// link is the way from one operator to one host. It can be down, and connections over it can be cut.
// It implements remote.Host, as the connection that logs in again when it is lost.
type link struct {
	host   *Host
	random *rand.Rand
	slow   time.Duration // the longest latency

	mu   sync.Mutex
	down bool
	conn *conn
}

// keepalive is how long the operator takes to find that a connection is silent.
const keepalive = 15 * time.Second

// Name implements remote.Host.
func (l *link) Name() string { return l.host.name }

// Start implements remote.Host. The line is always script.Bootstrap.
func (l *link) Start(ctx context.Context, _ string) (remote.Session, error) {
	c, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: c, in: newStream(c), out: newStream(c), errs: newStream(c)}
	if !c.add(s) {
		return nil, &remote.LostError{Err: io.EOF}
	}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	l.host.serve(s)
	return s, nil
}

func (l *link) connect(ctx context.Context) (*conn, error) {
	select {
	case <-time.After(l.latency()):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil && !l.conn.broken() {
		return l.conn, nil
	}
	if l.down || !l.host.up() {
		return nil, errors.New("connect: no route to host")
	}
	l.conn = &conn{link: l}
	return l.conn, nil
}

// latency is that of one message.
func (l *link) latency() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Duration(1 + l.random.Int64N(int64(l.slow)))
}

// cut breaks the connection: with a reset, both ends know at once; else each end only hears nothing.
// The link stays down until restore.
func (l *link) cut(reset bool) {
	l.mu.Lock()
	c := l.conn
	l.down = true
	l.mu.Unlock()
	if c == nil {
		return
	}
	if reset {
		c.reset()
		return
	}
	c.mute()
	time.AfterFunc(keepalive, c.giveUp)
}

func (l *link) restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
	if l.conn != nil && l.conn.silent() {
		l.conn.giveUp()
	}
}

// conn is one connection.
type conn struct {
	link *link

	mu       sync.Mutex
	muted    bool // nothing arrives any more
	lost     bool // the operator knows that it is gone
	sessions []*session
}

func (c *conn) latency() time.Duration { return c.link.latency() }

func (c *conn) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.muted
}

func (c *conn) broken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

func (c *conn) add(s *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost {
		return false
	}
	c.sessions = append(c.sessions, s)
	return true
}

func (c *conn) mute() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.muted = true
}

// giveUp is the operator's end finding out that the connection is silent. The host hears nothing.
func (c *conn) giveUp() {
	for _, s := range c.end() {
		s.out.cut(io.ErrUnexpectedEOF)
		s.errs.cut(io.ErrUnexpectedEOF)
	}
}

// reset ends the connection for both ends.
func (c *conn) reset() {
	for _, s := range c.end() {
		s.out.cut(io.ErrUnexpectedEOF)
		s.errs.cut(io.ErrUnexpectedEOF)
		s.in.cut(io.EOF)
	}
}

func (c *conn) end() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost {
		return nil
	}
	c.lost = true
	return c.sessions
}

// session is a program on a host, seen by the operator. It implements remote.Session.
type session struct {
	conn          *conn
	in, out, errs *stream
	closed        sync.Once
}

// Stdin implements remote.Session.
func (s *session) Stdin() io.WriteCloser { return input{s.in} }

// Stdout implements remote.Session.
func (s *session) Stdout() io.Reader { return s.out }

// Stderr implements remote.Session.
func (s *session) Stderr() io.Reader { return s.errs }

// Wait implements remote.Session: a program that ended before its end frame is a lost connection or an
// exit status.
func (s *session) Wait() error {
	if s.conn.broken() {
		return &remote.LostError{Err: io.EOF}
	}
	return &remote.ExitError{Status: 1}
}

// Close implements remote.Session.
func (s *session) Close() error {
	s.closed.Do(func() {
		s.in.finish(io.EOF)
		s.out.cut(io.EOF)
		s.errs.cut(io.EOF)
	})
	return nil
}

type input struct{ *stream }

func (i input) Close() error {
	i.finish(io.EOF)
	return nil
}
