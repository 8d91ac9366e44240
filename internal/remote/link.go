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

// maxSessions is how many sessions one connection carries: two fewer than sshd allows by default
// (MaxSessions 10).
const maxSessions = 8

// errFull reports that a connection carries as many sessions as it can.
var errFull = errors.New("no session is free on this connection")

// link is one SSH connection. It opens one session before it is needed, the spare, because opening a
// session costs a round trip.
type link struct {
	client    *ssh.Client
	conn      *conn
	warm      string
	warmFor   time.Duration // how long the spare session stays of use; 0 is without limit
	forwarder *agentForwarder
	answer    time.Duration // how long the host may take to open a session or start a program
	gone      chan struct{}

	mu       sync.Mutex
	limit    int // most sessions at once; it shrinks when the server refuses one
	used     int // sessions open or being opened, including the spare
	spare    *opening
	served   bool // the server has opened a session before
	sessions map[*session]struct{}
}

// request is a program to start. With an empty line the session is opened and starts nothing.
type request struct {
	line  string
	agent bool // forward the operator's agent
}

// opening is a session that is being opened. s and err are set when ready is closed.
type opening struct {
	ready chan struct{}
	began time.Time
	s     *session
	err   error
}

func newLink(client *ssh.Client, c *conn) *link {
	l := &link{
		client: client, conn: c, forwarder: &agentForwarder{}, answer: answerTimeout, limit: maxSessions,
		gone: make(chan struct{}), sessions: map[*session]struct{}{},
	}
	go func() {
		_ = client.Wait()
		close(l.gone)
	}()
	return l
}

// start runs r in a session of the connection. It returns errFull when there is no room for a session.
func (l *link) start(ctx context.Context, r request) (*session, error) {
	s, err := l.take(ctx, r)
	if err != nil {
		return nil, err
	}
	s.bind(ctx)
	l.prepare()
	return s, nil
}

// take returns a session in which r has been started: the spare, or a new one.
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

// await waits for o. If ctx ends or the host does not answer in time, o is closed when it opens.
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

// prepare opens the next spare in the background. A connection that can carry only one session gets
// no spare.
func (l *link) prepare() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spare != nil || l.used >= l.limit || l.limit < 2 || l.dead() {
		return
	}
	l.used++
	l.spare = l.open(request{line: l.warm})
}

// dead reports whether the connection is lost. conn knows it before the ssh library does.
func (l *link) dead() bool { return l.conn.cause() != nil || isClosed(l.gone) }

// room reports whether there is room for r, and how many sessions the connection can carry.
func (l *link) room(r request) (free bool, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	spare := l.spare != nil && l.suits(r)
	return !l.dead() && (spare || l.used < l.limit), l.limit
}

// suits reports whether r can use the spare. A spare in which the warm line already runs cannot run
// another line, nor a program with the agent, which must be offered before the program starts.
func (l *link) suits(r request) bool { return !r.agent && (l.warm == "" || r.line == l.warm) }

// reserve takes room for a session, and reports whether there was any.
func (l *link) reserve() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used >= l.limit {
		return false
	}
	l.used++
	return true
}

// open opens a session in the background and starts r in it. The caller has reserved room for it.
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
			l.forwarder.offer(l.client, o.s)
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

// unopened releases the room of a session that could not be opened, and returns the error. A server
// that opened sessions before and refuses one has reached its MaxSessions; it may still count sessions
// that have just ended.
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
	if broken := l.conn.cause(); broken != nil {
		err = broken
	}
	return &LostError{Err: err}
}

// release releases the room of a session that has ended.
func (l *link) release(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used--
	delete(l.sessions, s)
}

// close closes the connection. Everything that waits for it returns a *LostError.
func (l *link) close() {
	l.conn.fail(net.ErrClosed)
	_ = l.client.Close()
	<-l.gone
	l.mu.Lock()
	left := slices.Collect(maps.Keys(l.sessions))
	l.mu.Unlock()
	for _, s := range left {
		s.abort(&LostError{Err: net.ErrClosed})
	}
}
