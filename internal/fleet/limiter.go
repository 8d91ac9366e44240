package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/remote"
)

// perAddress limits the concurrent logins at one address. An sshd with the default MaxStartups
// (10:30:100) drops connections from ten on.
const perAddress = 8

// limiter limits the concurrent logins. Many names can lead to one sshd at different addresses, so
// the limit is halved when a server drops a connection because it has too many.
type limiter struct {
	mu      sync.Mutex
	limit   int
	active  int
	by      map[string]int // active logins by address
	changed chan struct{}  // closed and replaced when a login has ended
}

func newLimiter(limit int) *limiter {
	return &limiter{limit: limit, by: map[string]int{}, changed: make(chan struct{})}
}

// admit returns the hook of remote that limits logins by l. It tells the sink how long each login waited for
// its turn, and how long it took.
func admit(l *limiter, sink event.Sink) func(ctx context.Context, host, address string) (func(error), error) {
	return func(ctx context.Context, host, address string) (func(error), error) {
		sink(event.Waiting{Host: host, For: event.Queued})
		queued := time.Now()
		release, err := l.acquire(ctx, address)
		if err != nil {
			return nil, err
		}
		admitted := time.Now()
		sink(event.Waited{Host: host, For: event.Queued, Since: queued, Took: admitted.Sub(queued)})
		sink(event.Waiting{Host: host, For: event.Connecting})
		return func(err error) {
			sink(event.Waited{Host: host, For: event.Connecting, Since: admitted, Took: time.Since(admitted)})
			release(err)
		}, nil
	}
}

// acquire waits until a login at the address may start. The caller calls release with its outcome.
func (l *limiter) acquire(ctx context.Context, address string) (release func(error), err error) {
	for {
		changed, acquired := l.tryAcquire(address)
		if acquired {
			return func(err error) { l.release(address, err) }, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (l *limiter) tryAcquire(address string) (changed <-chan struct{}, acquired bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.active >= l.limit || l.by[address] >= perAddress {
		return l.changed, false
	}
	l.active++
	l.by[address]++
	return nil, true
}

func (l *limiter) release(address string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active--
	l.by[address]--
	var failed *remote.ConnectError
	if errors.As(err, &failed) && failed.Busy() {
		l.limit = min(l.limit, max(perAddress, l.limit/2))
	}
	close(l.changed)
	l.changed = make(chan struct{})
}
