package session

import (
	"context"
	"errors"
	"slices"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/remote"
)

// nowhere is a screen that shows nothing.
func nowhere(event.Event) {}

// Target is a place to run a command: a host, and a role on it where the command is about one.
type Target struct {
	Host, Role string
	Alone      bool // no other target is on the host
}

// String tells the target from the others.
func (t Target) String() string {
	if t.Alone || t.Role == "" {
		return t.Host
	}
	return t.Host + ", role " + t.Role
}

// Fleet is what reaches the hosts; package fleet provides it.
type Fleet interface {
	// Each runs fn on the hosts with these names at the same time and waits for all. It joins their errors, each with its
	// host.
	Each(ctx context.Context, names []string, fn func(context.Context, remote.Host) error) error
}

// Each runs work on all targets at once and waits for all. Failures are joined, as the fleet
// has them.
func Each(ctx context.Context, fleet Fleet, targets []Target, work func(context.Context, remote.Host, Target) error) error {
	var hosts []string
	for _, t := range targets {
		if !slices.Contains(hosts, t.Host) {
			hosts = append(hosts, t.Host)
		}
	}
	return fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		var all sync.WaitGroup
		errs := make([]error, len(targets))
		for i, t := range targets {
			if t.Host == h.Name() {
				all.Go(func() { errs[i] = work(ctx, h, t) })
			}
		}
		all.Wait()
		return errors.Join(errs...)
	})
}
