package rollout

import (
	"context"
	"errors"
	"slices"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// takeBack has every host undo and waits for the end of that. It returns what went wrong, and
// what could not be undone.
func (u *unit) takeBack(ctx context.Context, cause error) error {
	if len(u.members) == 0 {
		return cause
	}
	u.w.Sink(event.Section{Text: "Undo: every host goes back to what it ran"})
	for _, m := range u.members {
		m.running.Undo()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), u.w.Grace)
	defer cancel()
	broken := u.ends(ctx)
	return errors.Join(append([]error{u.withLate(cause)}, broken...)...)
}

// withLate adds the hosts that failed of themselves before they heard that they were to undo: an
// image that is broken fails on all hosts, and each of them is to be told.
func (u *unit) withLate(cause error) error {
	var early *fleet.Error
	if !errors.As(cause, &early) {
		return cause
	}
	told := &fleet.Error{Hosts: slices.Clone(early.Hosts)}
	for _, m := range u.members {
		known := slices.ContainsFunc(early.Hosts, func(h fleet.HostError) bool { return h.Host == m.host.Name })
		if err := m.running.Failure(); err != nil && !known {
			told.Hosts = append(told.Hosts, fleet.HostError{Host: m.host.Name, Err: u.w.explain(m.host.Name, err)})
		}
	}
	slices.SortStableFunc(told.Hosts, func(a, b fleet.HostError) int { return u.rank(a.Host) - u.rank(b.Host) })
	return told
}

// rank is a host's place in the rollout.
func (u *unit) rank(host string) int {
	return slices.IndexFunc(u.members, func(m *member) bool { return m.host.Name == host })
}

// ends waits for all members and tells those that did not end undone.
func (u *unit) ends(ctx context.Context) []error {
	errs := make([]error, len(u.members))
	var all sync.WaitGroup
	for i, m := range u.members {
		all.Go(func() { errs[i] = u.undone(ctx, m) })
	}
	all.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// Commit is how far a host has come with the commit, as far as it is known here.
type Commit int

// The states of a commit.
const (
	NotOrdered Commit = iota
	Ordered           // the order may have reached the host
	Confirmed         // the host keeps the new version
)

// NotUndoneError is a host of which it is not known that it is as it was.
type NotUndoneError struct {
	Host    string
	Outcome script.Outcome
	Commit  Commit
	Err     error
}

func (e *NotUndoneError) Error() string {
	switch {
	case e.Outcome != script.Unknown:
		return e.Host + ": part of the undo failed: " + e.Err.Error()
	case e.Commit == Confirmed:
		return e.Host + ": keeps the new version: the connection was lost before it could be told to go back"
	case e.Commit == Ordered:
		return e.Host + ": lost in the commit: it keeps the new version if the order has reached it, and goes back by itself if not"
	}
	return e.Host + ": lost before it said that it has gone back: it goes back by itself, unless it was restarted"
}

// Unwrap returns what failed.
func (e *NotUndoneError) Unwrap() error { return e.Err }

// Hint names the command that shows how the host is, and the one that heals.
func (e *NotUndoneError) Hint() string {
	see := "run mrsk app details --hosts " + e.Host + " to see what it runs"
	if e.Outcome != script.Unknown {
		return see + "; the next deploy removes what is left of this one"
	}
	return see + "; run the same command again once it can be reached, so that all hosts have one version"
}

// undone waits until a member has undone. One whose session was lost does so by itself, unless it
// had committed by then: over a new connection, all is undone once more.
func (u *unit) undone(ctx context.Context, m *member) error {
	outcome, err := m.running.Wait(ctx)
	if outcome == script.Undone || outcome == script.Refused {
		return nil
	}
	if outcome != script.Unknown {
		return &NotUndoneError{m.host.Name, outcome, m.commit, err}
	}
	ready := script.Step{Name: "wait for Docker", Run: shell.Text(u.w.Ready), Tolerated: true, Minor: true}
	results, lost := u.again(ctx, m, append([]script.Step{ready}, undoSteps(m.host)...)...)
	if lost != nil {
		return &NotUndoneError{m.host.Name, outcome, m.commit, err}
	}
	if failed := results.Failures(); failed != nil {
		return &NotUndoneError{m.host.Name, script.Broken, m.commit, failed}
	}
	return nil
}

// undoSteps are all undos of a host up to the commit, last first. Each does no harm where there
// is nothing to undo, so it does not matter how far the host came, or whether it has undone. One
// that fails does not keep the others from being tried.
func undoSteps(h plan.Host) []script.Step {
	var all []script.Step
	for _, stage := range h.Stages[:commitStage(plan.Phase{Hosts: []plan.Host{h}})+1] {
		for _, s := range stage.Steps {
			if !s.Undo.Empty() {
				all = append(all, script.Step{Name: "undo: " + s.Name, Run: s.Undo, Private: true, Tolerated: true})
			}
		}
	}
	slices.Reverse(all)
	return all
}
