package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"mrsk/internal/script"
)

// Lease is the lock of a run, held on all its hosts.
type Lease struct {
	mu      sync.Mutex
	holders map[string]*script.Running

	// held ends when the lease is lost, with a *LostError, or released.
	held context.Context
	end  context.CancelCauseFunc
}

func newLease(ctx context.Context) *Lease {
	l := &Lease{holders: map[string]*script.Running{}}
	l.held, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	return l
}

// LostError reports a host that no longer holds the lease of a run: the connection was lost, or the
// host did not hear from the run for too long. Another run may work on the app now.
type LostError struct {
	Host string
	Err  error
}

func (e *LostError) Error() string { return fmt.Sprintf("%s: lost the lock: %v", e.Host, e.Err) }

// Unwrap returns why the lease ended.
func (e *LostError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *LostError) Hint() string {
	return "run mrsk lock status to see whether another run has the lock, then run this command again"
}

// errSilent reports a holder that ended by itself because the heartbeat stopped.
var errSilent = fmt.Errorf("the host did not hear from this run for %.0f s", silenceTimeout.Seconds())

// Context returns a context that ends with its parent, when the lease is lost, or when it is
// released. Lost, its cause is a *LostError.
func (l *Lease) Context(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	context.AfterFunc(l.held, func() { cancel(context.Cause(l.held)) })
	return ctx
}

// errReleased is the end of a lease that was not lost.
var errReleased = errors.New("the lock was released")

// watch ends the lease when the holder on a host ends before the lease is released.
func (l *Lease) watch(host string, wait func(context.Context) (script.Outcome, error)) {
	_, err := wait(l.held)
	if err == nil {
		err = errSilent
	}
	l.end(&LostError{Host: host, Err: err}) // without effect once it is released
}

// Release frees the lease on all hosts and waits until it is free.
func (l *Lease) Release(ctx context.Context) {
	l.end(errReleased)
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), silenceTimeout)
	defer cancel()
	for _, h := range l.holders {
		h.Order(1)
	}
	for _, h := range l.holders {
		_, _ = h.Wait(ctx) // a lost connection frees it as well
	}
	clear(l.holders)
}
