package fleet

import (
	"context"
	"errors"
	"sync"

	"mrsk/internal/remote"
)

// perAddress is how many logins may be under way at one address: below the ten at which an sshd
// with the usual MaxStartups (10:30:100) begins to drop some of them.
const perAddress = 8

// door bounds the logins that are under way. Many names may lead to one sshd, which no address
// tells; therefore the bound shrinks when a server drops a connection for having too many.
type door struct {
	mu     sync.Mutex
	limit  int
	inside int
	by     map[string]int
	change chan struct{} // closed, and replaced, when somebody has left
}

func newDoor(limit int) *door {
	return &door{limit: limit, by: map[string]int{}, change: make(chan struct{})}
}

func (d *door) admit(ctx context.Context, address string) (func(error), error) {
	for {
		changed, in := d.enter(address)
		if in {
			return func(err error) { d.leave(address, err) }, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (d *door) enter(address string) (changed <-chan struct{}, in bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside >= d.limit || d.by[address] >= perAddress {
		return d.change, false
	}
	d.inside++
	d.by[address]++
	return nil, true
}

func (d *door) leave(address string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
	d.by[address]--
	var failed *remote.ConnectError
	if errors.As(err, &failed) && failed.Busy() {
		d.limit = min(d.limit, max(perAddress, d.limit/2))
	}
	close(d.change)
	d.change = make(chan struct{})
}
