package remote

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
)

// maxSessions is how many sessions one connection carries: two below sshd's default
// MaxSessions, for what the operator may have open over a shared connection.
const maxSessions = 8

// errFull is a connection that carries as many sessions as it can.
var errFull = errors.New("no session is free on this connection")

// link is one SSH connection. It keeps one session opened ahead of its use, as opening costs a
// round trip.
type link struct {
	client *ssh.Client
	wire   *wire
	warm   string
	agent  bool // offer the operator's agent to sessions
	gone   chan struct{}

	mu       sync.Mutex
	limit    int // sessions; shrinks when the server refuses one
	used     int // sessions open or being opened, the spare among them
	spare    *opening
	served   bool // a session could be opened before
	sessions map[*session]struct{}
}

// opening is a session that is being opened; the fields are set when ready is closed.
type opening struct {
	ready chan struct{}
	s     *session
	err   error
}

func newLink(client *ssh.Client, w *wire) *link {
	l := &link{
		client: client, wire: w, limit: maxSessions,
		gone: make(chan struct{}), sessions: map[*session]struct{}{},
	}
	go func() {
		_ = client.Wait()
		close(l.gone)
	}()
	return l
}

// start runs line in a session of the connection. It returns errFull when no session is left.
func (l *link) start(ctx context.Context, line string) (*session, error) {
	s, err := l.take(ctx, line)
	if err != nil {
		return nil, err
	}
	s.bind(ctx)
	l.prepare()
	return s, nil
}

// take returns a session in which line was started.
func (l *link) take(ctx context.Context, line string) (*session, error) {
	if o := l.takeSpare(line); o != nil {
		s, err := l.await(ctx, o)
		switch {
		case err == nil && !s.ended():
			s.use(line)
			return s, nil
		case err == nil:
			_ = s.Close()
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		}
	}
	if !l.reserve() {
		return nil, errFull
	}
	return l.await(ctx, l.open(line))
}

// takeSpare takes the spare session if it is of use for line.
func (l *link) takeSpare(line string) *opening {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spare == nil || !l.suits(line) {
		return nil
	}
	o := l.spare
	l.spare = nil
	return o
}

// await waits for o, and lets it go if ctx ends before.
func (l *link) await(ctx context.Context, o *opening) (*session, error) {
	select {
	case <-o.ready:
		return o.s, o.err
	case <-ctx.Done():
		go l.abandon(o)
		return nil, context.Cause(ctx)
	}
}

func (l *link) abandon(o *opening) {
	<-o.ready
	if o.s != nil {
		_ = o.s.Close()
	}
}

// prepare opens the next spare in the background. A connection that carries a single session
// has no place for one.
func (l *link) prepare() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spare != nil || l.used >= l.limit || l.limit < 2 || l.dead() {
		return
	}
	l.used++
	l.spare = l.open(l.warm)
}

// dead reports whether the connection is of no more use. The library is the last to know.
func (l *link) dead() bool { return l.wire.cause() != nil || isClosed(l.gone) }

// room reports whether line can be started now, and how many sessions there can be in all.
func (l *link) room(line string) (free bool, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	spare := l.spare != nil && l.suits(line)
	return !l.dead() && (spare || l.used < l.limit), l.limit
}

// suits reports whether the spare session is of use for line: one in which the warm line runs is
// of no use for another.
func (l *link) suits(line string) bool { return l.warm == "" || line == l.warm }

func (l *link) reserve() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used >= l.limit {
		return false
	}
	l.used++
	return true
}

// open opens a session in the background, for which a place is reserved, and starts line in it
// unless that is empty.
func (l *link) open(line string) *opening {
	o := &opening{ready: make(chan struct{})}
	go func() {
		defer close(o.ready)
		ch, reqs, err := l.client.OpenChannel("session", nil)
		if err != nil {
			o.err = l.unopened(err)
			return
		}
		o.s = l.adopt(ch, reqs)
		if line != "" {
			o.s.exec(line)
		}
	}()
	return o
}

func (l *link) adopt(ch ssh.Channel, reqs <-chan *ssh.Request) *session {
	s := newSession(l, ch, reqs)
	if l.agent {
		_, _ = ch.SendRequest("auth-agent-req@openssh.com", false, nil)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.served = true
	l.sessions[s] = struct{}{}
	return s
}

// unopened gives back the place of a session that could not be opened. A server that refuses
// one while others are open has reached its MaxSessions; it may count sessions that have just
// ended.
func (l *link) unopened(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used--
	var refused *ssh.OpenChannelError
	switch {
	case !errors.As(err, &refused):
		return l.lost(err)
	case l.used > 0 || l.served:
		l.limit = l.used
		return errFull
	}
	return &RefusedError{What: "open a session: " + refused.Message}
}

func (l *link) lost(err error) error {
	if broken := l.wire.cause(); broken != nil {
		err = broken
	}
	return &LostError{Err: err}
}

// release gives back the place of a session that has ended.
func (l *link) release(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used--
	delete(l.sessions, s)
}

// close ends the connection and frees all who use it.
func (l *link) close() {
	l.wire.fail(net.ErrClosed)
	_ = l.client.Close()
	<-l.gone
	l.mu.Lock()
	left := slices.Collect(maps.Keys(l.sessions))
	l.mu.Unlock()
	for _, s := range left {
		s.abort(&LostError{Err: net.ErrClosed})
	}
}
