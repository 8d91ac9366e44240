package apply

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// CommittedError reports what was found wrong after all hosts had committed. They keep the new
// version.
type CommittedError struct{ Err error }

func (e *CommittedError) Error() string {
	return "the hosts keep the new version, but not all is well: " + e.Err.Error()
}

// Unwrap returns what was found on which hosts.
func (e *CommittedError) Unwrap() error { return e.Err }

// Hint names the commands that help.
func (e *CommittedError) Hint() string {
	return "run mrsk app details; a new deploy or mrsk rollback replaces containers and cleans up"
}

// finish drains and cleans up after the commit. Nothing here rolls a host back. A failure is a
// *CommittedError, and so is a host that was lost: an old container may still run there.
func (r *rolloutRun) finish(ctx context.Context, k int) error {
	ordered := r.order(r.hosts, k)
	late := make([][]error, len(r.hosts))
	var all sync.WaitGroup
	for i, h := range r.hosts {
		all.Go(func() {
			results, err := r.cleanUp(ctx, h, k)
			r.w.warnOfReports(h.work.Name, results)
			late[i] = results.Late()
			if err != nil {
				late[i] = append(late[i], fmt.Errorf("clean up after the switch: %w", err))
			}
			if h.err = errors.Join(late[i]...); h.err != nil {
				r.w.Sink(event.HostFailed{Host: h.work.Name, Err: h.err})
			}
			r.reached(h, k, ordered)
		})
	}
	all.Wait()
	return r.committedError(late)
}

// committedError joins what hosts found wrong after the commit, nil if nothing.
func (r *rolloutRun) committedError(late [][]error) error {
	var found fleet.Error
	for i, h := range r.hosts {
		for _, err := range late[i] {
			found.Hosts = append(found.Hosts, fleet.HostError{Host: h.work.Name, Err: r.w.explain(h.work.Name, err)})
		}
	}
	if len(found.Hosts) == 0 {
		return nil
	}
	return &CommittedError{&found}
}

// cleanUp waits until a host has carried out its last stage, or runs that stage over a new
// connection where the session was lost.
func (r *rolloutRun) cleanUp(ctx context.Context, h *hostRun, k int) (script.Results, error) {
	ctx = context.WithoutCancel(ctx)
	if h.detached {
		return r.reconnect(ctx, h, steps(h.work.Stages[k])...)
	}
	_, err := h.session.Wait(ctx)
	if lost := new(*remote.LostError); errors.As(err, lost) {
		return r.reconnect(ctx, h, steps(h.work.Stages[k])...)
	}
	return h.session.Results(), err
}
