package rollout

import (
	"context"
	"errors"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// CommittedError is what was found wrong after all hosts had committed: they keep the new version.
type CommittedError struct{ Err error }

func (e *CommittedError) Error() string {
	return "the hosts keep the new version, but not all is well: " + e.Err.Error()
}

// Unwrap returns what was found on which hosts.
func (e *CommittedError) Unwrap() error { return e.Err }

// Hint names the commands that put it right.
func (e *CommittedError) Hint() string {
	return "run mrsk app details; a new deploy or mrsk rollback replaces containers and cleans up"
}

// finish cleans up after the commit. Nothing here takes a host back; what goes wrong is told, and
// what must not go unnoticed is a *CommittedError.
func (u *unit) finish(ctx context.Context, k int) error {
	u.gate(u.members, k)
	for _, m := range u.members {
		m.running.Order(k)
	}
	late := make([][]error, len(u.members))
	var all sync.WaitGroup
	for i, m := range u.members {
		all.Go(func() {
			results, err := u.cleanUp(ctx, m, k)
			if err != nil {
				u.w.Sink(event.Warning{Host: m.host.Name, Text: "clean up after the switch: " + err.Error()})
			}
			u.w.tellReports(m.host.Name, results)
			late[i] = results.Late()
		})
	}
	all.Wait()
	return u.committed(late)
}

// committed joins what the hosts found wrong behind the commit.
func (u *unit) committed(late [][]error) error {
	var found fleet.Error
	for i, m := range u.members {
		for _, err := range late[i] {
			found.Hosts = append(found.Hosts, fleet.HostError{Host: m.host.Name, Err: u.w.explain(m.host.Name, err)})
		}
	}
	if len(found.Hosts) == 0 {
		return nil
	}
	return &CommittedError{&found}
}

func (u *unit) cleanUp(ctx context.Context, m *member, k int) (script.Results, error) {
	ctx = context.WithoutCancel(ctx)
	if m.detached {
		return u.again(ctx, m, steps(m.host.Stages[k])...)
	}
	_, err := m.running.Wait(ctx)
	if lost := new(*remote.LostError); errors.As(err, lost) {
		return u.again(ctx, m, steps(m.host.Stages[k])...)
	}
	return m.running.Results(), err
}
