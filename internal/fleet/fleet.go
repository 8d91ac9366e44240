// Package fleet is the hosts of a run: it connects to each when it is first needed, keeps one
// connection per host, and does work on many of them at once. It waits for every host, always,
// so that each can clean up after itself, and then tells all that failed.
package fleet

import (
	"context"
	"fmt"
	"io"
	"sync"

	"mrsk/internal/remote"
)

// Options say which hosts there are and how they are reached.
type Options struct {
	// Hosts are all hosts, in the order of the configuration: that of errors.
	Hosts []string
	// Remote says how to log in. Its Admit hook is the fleet's own.
	Remote remote.Options
	// Starts is how many logins may be under way at once; 0 means 30.
	Starts int
	// BeforeConnect runs once, before the first connection; its error ends all work that needs
	// a host. It is where the pre-connect hook runs.
	BeforeConnect func(context.Context) error
	// Dial is for tests that bring their own hosts; nil logs in over SSH.
	Dial func(ctx context.Context, name string) (remote.Host, error)
}

// Fleet is the hosts of a run. Its methods may be called from any goroutine.
type Fleet struct {
	opts   Options
	dialer *remote.Dialer
	order  map[string]int

	before sync.Mutex
	ready  bool
	failed error

	mu     sync.Mutex
	places map[string]*place
}

// place is where the connection to a host is kept.
type place struct {
	turn chan struct{} // holds an item while the connection is being made
	host remote.Host
}

// New returns the fleet of opts. Nothing is connected yet.
func New(opts Options) *Fleet {
	if opts.Starts <= 0 {
		opts.Starts = 30
	}
	opts.Remote.Hooks.Admit = newDoor(opts.Starts).admit
	f := &Fleet{
		opts: opts, dialer: remote.NewDialer(opts.Remote),
		order: map[string]int{}, places: map[string]*place{},
	}
	for i, name := range opts.Hosts {
		if _, twice := f.order[name]; !twice {
			f.order[name] = i
		}
	}
	return f
}

// Host returns the connection to a host, and makes it if there is none yet. A host that could
// not be connected to is tried again at the next call.
func (f *Fleet) Host(ctx context.Context, name string) (remote.Host, error) {
	if err := f.prepare(ctx); err != nil {
		return nil, err
	}
	return f.connected(ctx, name)
}

func (f *Fleet) connected(ctx context.Context, name string) (remote.Host, error) {
	p := f.place(name)
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-p.turn }()
	if p.host != nil {
		return p.host, nil
	}
	host, err := f.dial(ctx, name)
	if err != nil {
		return nil, err
	}
	p.host = host
	return host, nil
}

func (f *Fleet) place(name string) *place {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.places[name] == nil {
		f.places[name] = &place{turn: make(chan struct{}, 1)}
	}
	return f.places[name]
}

func (f *Fleet) dial(ctx context.Context, name string) (remote.Host, error) {
	if f.opts.Dial != nil {
		return f.opts.Dial(ctx, name)
	}
	target, err := remote.ParseTarget(name)
	if err != nil {
		return nil, err
	}
	c, err := f.dialer.Dial(ctx, target)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// prepare runs BeforeConnect, once. A run whose context ended is not its verdict.
func (f *Fleet) prepare(ctx context.Context) error {
	f.before.Lock()
	defer f.before.Unlock()
	if f.ready || f.opts.BeforeConnect == nil {
		return f.failed
	}
	f.ready = true
	f.failed = f.opts.BeforeConnect(ctx)
	return f.failed
}

// Close ends all connections.
func (f *Fleet) Close() error {
	f.mu.Lock()
	places := f.places
	f.places = map[string]*place{}
	f.mu.Unlock()
	var all sync.WaitGroup
	for _, p := range places {
		all.Go(p.close)
	}
	all.Wait()
	if err := f.dialer.Close(); err != nil {
		return fmt.Errorf("close connections: %w", err)
	}
	return nil
}

func (p *place) close() {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if c, ok := p.host.(io.Closer); ok {
		_ = c.Close()
	}
	p.host = nil
}
