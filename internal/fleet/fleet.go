// Package fleet runs work on many hosts at once. It connects to a host when it is first needed and
// keeps one connection per host. It always waits for every host, so that each can clean up, and
// then reports all failures.
package fleet

import (
	"context"
	"fmt"
	"io"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/remote"
)

// Options are the hosts of a run and how to reach them.
type Options struct {
	// Hosts are all hosts, in the order of the configuration. Errors are in the same order.
	Hosts []string
	// Remote says how to log in. New sets its Admit hook.
	Remote remote.Options
	// Starts is the maximum number of concurrent logins; 0 means 30.
	Starts int
	// BeforeConnect runs once, before the first connection, such as the pre-connect hook. Its
	// error fails all work that needs a host.
	BeforeConnect func(context.Context) error
	// Sink receives an event.Waiting and an event.Waited for each login, and an event.HostFailed for one that
	// failed. It may be nil.
	Sink event.Sink
	// Dial replaces the login over SSH in tests.
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

// place holds the connection to a host.
type place struct {
	turn chan struct{} // holds an item while the connection is being made
	host remote.Host
}

// New returns a fleet. It does not connect to any host yet.
func New(opts Options) *Fleet {
	if opts.Starts <= 0 {
		opts.Starts = 30
	}
	if opts.Sink == nil {
		opts.Sink = func(event.Event) {}
	}
	opts.Remote.Hooks.Admit = admit(newLimiter(opts.Starts), opts.Sink)
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

// Host returns the connection to a host and connects if there is none. After a failure the next call
// tries again.
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

// Prepare runs BeforeConnect once: for work that must wait for the pre-connect hook but needs no host.
func (f *Fleet) Prepare(ctx context.Context) error { return f.prepare(ctx) }

// prepare runs BeforeConnect once.
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

// Close closes all connections.
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

// Forget closes the connections to hosts. The next work there logs in again, for example to get the
// rights of a new group.
func (f *Fleet) Forget(names ...string) {
	for _, name := range names {
		f.place(name).close()
	}
}
