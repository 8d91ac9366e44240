package remote

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

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
	client  *ssh.Client
	wire    *wire
	warm    string
	warmFor time.Duration // how long the spare session stays of use; 0 is without limit
	lender  *lender
	answer  time.Duration // until the host opens a session, or starts a program
	gone    chan struct{}

	mu       sync.Mutex
	limit    int // sessions; shrinks when the server refuses one
	used     int // sessions open or being opened, the spare among them
	spare    *opening
	served   bool // a session could be opened before
	sessions map[*session]struct{}
}

// request is a program to start; without a line the session stays free for one.
type request struct {
	line  string
	agent bool // it gets the operator's agent
}

// opening is a session that is being opened; the fields are set when ready is closed.
type opening struct {
	ready chan struct{}
	began time.Time
	s     *session
	err   error
}

func newLink(client *ssh.Client, w *wire) *link {
	l := &link{
		client: client, wire: w, lender: &lender{}, answer: answerTimeout, limit: maxSessions,
		gone: make(chan struct{}), sessions: map[*session]struct{}{},
	}
	go func() {
		_ = client.Wait()
		close(l.gone)
	}()
	return l
}

// start runs r in a session of the connection. It returns errFull when no session is left.
func (l *link) start(ctx context.Context, r request) (*session, error) {
	s, err := l.take(ctx, r)
	if err != nil {
		return nil, err
	}
	s.bind(ctx)
	l.prepare()
	return s, nil
}

// take returns a session in which r was started.
func (l *link) take(ctx context.Context, r request) (*session, error) {
	if o := l.takeSpare(r); o != nil {
		s, err := l.await(ctx, o)
		switch {
		case err == nil && !s.ended():
			s.use(r.line)
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
	return l.await(ctx, l.open(r))
}

// takeSpare returns the spare session if r can use it, else nil. It closes one that is too old.
func (l *link) takeSpare(r request) *opening {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spare == nil || !l.suits(r) {
		return nil
	}
	o := l.spare
	l.spare = nil
	if l.warmFor > 0 && time.Since(o.began) > l.warmFor {
		go l.abandon(o)
		return nil
	}
	return o
}

// await waits for o, and lets it go if ctx ends before.
func (l *link) await(ctx context.Context, o *opening) (*session, error) {
	limited, cancel := within(ctx, l.answer, "the host, asked to open a session,", "check its load, and the log of its sshd")
	defer cancel()
	select {
	case <-o.ready:
		return o.s, o.err
	case <-limited.Done():
		go l.abandon(o)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &LostError{Err: context.Cause(limited)}
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
	l.spare = l.open(request{line: l.warm})
}

// dead reports whether the connection is of no more use. The library is the last to know.
func (l *link) dead() bool { return l.wire.cause() != nil || isClosed(l.gone) }

// room reports whether r can be started now, and how many sessions there can be in all.
func (l *link) room(r request) (free bool, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	spare := l.spare != nil && l.suits(r)
	return !l.dead() && (spare || l.used < l.limit), l.limit
}

// suits reports whether the spare session is of use for r: one in which the warm line runs is
// of no use for another, nor for a program that gets the agent, which must be offered before.
func (l *link) suits(r request) bool { return !r.agent && (l.warm == "" || r.line == l.warm) }

func (l *link) reserve() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used >= l.limit {
		return false
	}
	l.used++
	return true
}

// open opens a session in the background, for which a place is reserved, and starts r in it
// unless its line is empty.
func (l *link) open(r request) *opening {
	o := &opening{ready: make(chan struct{}), began: time.Now()}
	go func() {
		defer close(o.ready)
		ch, reqs, err := l.client.OpenChannel("session", nil)
		if err != nil {
			o.err = l.unopened(err)
			return
		}
		o.s = l.adopt(ch, reqs)
		if r.agent {
			l.lender.lend(l.client, o.s)
		}
		if r.line != "" {
			o.s.exec(r.line)
		}
	}()
	return o
}

func (l *link) adopt(ch ssh.Channel, reqs <-chan *ssh.Request) *session {
	s := newSession(l, ch, reqs)
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
