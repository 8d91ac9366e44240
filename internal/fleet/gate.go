package fleet

import (
	"context"
	"sync"
)

// Gate holds those who wait at it until there is a verdict: open, or closed with a cause. The
// first verdict stays. The zero Gate is ready for use and must not be copied.
type Gate struct {
	init    sync.Once
	verdict sync.Once
	done    chan struct{}
	cause   error
}

func (g *Gate) wait() chan struct{} {
	g.init.Do(func() { g.done = make(chan struct{}) })
	return g.done
}

// Open lets everybody through, unless the gate is closed.
func (g *Gate) Open() { g.decide(nil) }

// Close turns everybody away with cause, unless the gate is open. The cause must not be nil.
func (g *Gate) Close(cause error) { g.decide(cause) }

func (g *Gate) decide(cause error) {
	done := g.wait()
	g.verdict.Do(func() {
		g.cause = cause
		close(done)
	})
}

// Wait returns nil once the gate is open, its cause once it is closed, and the cause of ctx if
// that ends before there is a verdict.
func (g *Gate) Wait(ctx context.Context) error {
	select {
	case <-g.wait():
		return g.cause
	default:
	}
	select {
	case <-g.wait():
		return g.cause
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
