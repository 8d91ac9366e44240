package remote

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
)

// Client is a host with one or more SSH connections to it. It opens another connection when all of
// them carry as many sessions as they can, or when a connection was lost. Sessions of a lost
// connection end with a *LostError; the next Start works again. It is safe for concurrent use.
type Client struct {
	dialer  *Dialer
	owns    bool // Close also closes the dialer
	login   login
	dialing chan struct{} // holds an item while a connection is being made, so that one is made at a time

	mu     sync.Mutex
	links  []*link
	closed bool
}

var _ Host = (*Client)(nil)

// Name returns the name of the host in the configuration.
func (c *Client) Name() string { return c.login.target.Name }

// Address returns the host:port that the client connects to, after HostName and Port of the SSH
// configuration.
func (c *Client) Address() string { return c.login.address() }

// Start runs line in the user's login shell. It returns before the host has answered; if the host
// refuses, Wait returns the error. Cancelling ctx ends the session and sends the program SIGTERM.
// Some sshds do not pass on the signal for root, so a program that must not outlive its session also
// has to end when its stdin ends.
func (c *Client) Start(ctx context.Context, line string) (Session, error) {
	s, err := c.start(ctx, request{line: line})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// start starts r on a connection with a free session. It tries another connection when the first one
// turns out to be full or lost.
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

// unusable reports whether a start failed because l is full or lost, so that another connection may
// work.
func unusable(l *link, err error) bool {
	return errors.Is(err, errFull) || l.dead()
}

// pick returns a connection with room for r. It makes a new connection if there is none.
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
// connection to this host can carry, as far as is known.
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

// extend makes a connection that carries up to limit sessions.
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

// Close closes all connections. Sessions that still run end with a *LostError.
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
