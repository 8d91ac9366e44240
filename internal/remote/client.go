package remote

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
)

// Client is a host that one is logged in on. It opens a further connection when the one it has
// carries as many sessions as it can, and a new one when it was lost: a session is never moved,
// but the next Start works again.
type Client struct {
	dialer  *Dialer
	owns    bool // the dialer is its own
	login   login
	dialing chan struct{} // holds an item while a connection is being made

	mu     sync.Mutex
	links  []*link
	closed bool
}

var _ Host = (*Client)(nil)

// Name is the host as the configuration names it.
func (c *Client) Name() string { return c.login.target.Name }

// Address is the host and port that is connected to, after the ssh configuration.
func (c *Client) Address() string { return c.login.address() }

// Start begins line in the user's login shell. It returns before the server has answered: what
// the server says against it is the error of Wait. Cancelling ctx ends the session. The program
// gets TERM then, except from an sshd on which root is logged in, which passes no signal on:
// what must not outlive its session has to watch its input.
func (c *Client) Start(ctx context.Context, line string) (Session, error) {
	s, err := c.start(ctx, request{line: line})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// start takes a connection with a free session, and another one when that was not to be had.
func (c *Client) start(ctx context.Context, r request) (*session, error) {
	for {
		l, err := c.pick(ctx, r)
		if err != nil {
			return nil, err
		}
		s, err := l.start(ctx, r)
		if err == nil || !unusable(l, err) {
			return s, err
		}
	}
}

// unusable reports whether nothing was started because of the connection, so that another one
// may do.
func unusable(l *link, err error) bool {
	return errors.Is(err, errFull) || l.dead()
}

// pick returns a connection on which r can be started, and makes one if there is none.
func (c *Client) pick(ctx context.Context, r request) (*link, error) {
	l, _, err := c.free(r)
	if l != nil || err != nil {
		return l, err
	}
	select {
	case c.dialing <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-c.dialing }()
	l, limit, err := c.free(r)
	if l != nil || err != nil {
		return l, err
	}
	return c.extend(ctx, limit)
}

// free returns a connection with room for r, nil if there is none, and how many sessions a
// connection carries, as far as the server has told.
func (c *Client) free(r request) (found *link, limit int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, 0, net.ErrClosed
	}
	c.links = slices.DeleteFunc(c.links, (*link).dead)
	limit = maxSessions
	for _, l := range c.links {
		room, most := l.room(r)
		if room {
			return l, most, nil
		}
		limit = min(limit, most)
	}
	return nil, limit, nil
}

func (c *Client) extend(ctx context.Context, limit int) (*link, error) {
	l, err := c.dialer.connect(ctx, c.login)
	if err != nil {
		return nil, err
	}
	l.warm, l.warmFor, l.limit = c.dialer.opts.Warm, c.dialer.opts.WarmFor, max(1, limit)
	l.prepare()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		go l.close()
		return nil, net.ErrClosed
	}
	c.links = append(c.links, l)
	return l, nil
}

// Close ends the connections. Sessions that still run end with *LostError.
func (c *Client) Close() error {
	c.mu.Lock()
	links := c.links
	c.links, c.closed = nil, true
	c.mu.Unlock()
	for _, l := range links {
		l.close()
	}
	if c.owns {
		return c.dialer.Close()
	}
	return nil
}
