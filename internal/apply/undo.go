package apply

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/plan"
	"mrsk/internal/script"
)

// RolledBackError reports a rollout that hosts were told to undo.
type RolledBackError struct {
	Err       error    // what failed, joined with what could not be undone
	NotUndone []string // the hosts that may not be back in their former state
}

func (e *RolledBackError) Error() string { return e.Err.Error() }

// Unwrap returns what failed.
func (e *RolledBackError) Unwrap() error { return e.Err }

// rollback tells all hosts to undo and waits until they have. It returns a *RolledBackError, or cause if no host
// had begun.
func (r *rolloutRun) rollback(ctx context.Context, cause error) error {
	if len(r.hosts) == 0 {
		return cause
	}
	r.w.Sink(event.Section{Text: "Undo: every host goes back to what it ran"})
	r.w.Sink(event.Stage{Name: "undo", Hosts: hostNames(r.hosts), Undo: true})
	for _, h := range r.hosts {
		h.session.Undo()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.w.Grace)
	defer cancel()
	hosts, broken := r.awaitUndone(ctx)
	return &RolledBackError{errors.Join(append([]error{r.withLateFailures(cause)}, broken...)...), hosts}
}

// withLateFailures adds the hosts that failed before the order to undo reached them: a broken image
// fails on all hosts, and the error names each of them.
func (r *rolloutRun) withLateFailures(cause error) error {
	var early *fleet.Error
	if !errors.As(cause, &early) {
		return cause
	}
	all := &fleet.Error{Hosts: slices.Clone(early.Hosts)}
	for _, h := range r.hosts {
		known := slices.ContainsFunc(early.Hosts, func(e fleet.HostError) bool { return e.Host == h.work.Name })
		if err := h.session.Failure(); err != nil && !known {
			all.Hosts = append(all.Hosts, fleet.HostError{Host: h.work.Name, Err: r.w.explain(h.work.Name, err)})
		}
	}
	slices.SortStableFunc(all.Hosts, func(a, b fleet.HostError) int { return r.position(a.Host) - r.position(b.Host) })
	return all
}

// position is a host's place in the rollout.
func (r *rolloutRun) position(host string) int {
	return slices.IndexFunc(r.hosts, func(h *hostRun) bool { return h.work.Name == host })
}

// awaitUndone waits until all hosts have undone. It returns the hosts that have not, and an error for each.
func (r *rolloutRun) awaitUndone(ctx context.Context) (hosts []string, failed []error) {
	errs, ordered := make([]error, len(r.hosts)), time.Now()
	var all sync.WaitGroup
	for i, h := range r.hosts {
		all.Go(func() {
			if errs[i] = r.undone(ctx, h); errs[i] != nil {
				r.w.Sink(event.HostFailed{Host: h.work.Name, Err: errs[i]})
				return
			}
			r.w.Sink(event.Reached{Host: h.work.Name, Stage: "undo", Done: "rolled back", Took: time.Since(ordered)})
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			hosts, failed = append(hosts, r.hosts[i].work.Name), append(failed, err)
		}
	}
	return hosts, failed
}

// NotUndoneError reports a host that may not be back in its former state.
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

// Hint names the command that shows the state of the host, and the one that repairs it.
func (e *NotUndoneError) Hint() string {
	see := "run mrsk app details --hosts " + e.Host + " to see what it runs"
	if e.Outcome != script.Unknown {
		return see + "; the next deploy removes what is left of this one"
	}
	return see + "; run the same command again once it can be reached, so that all hosts have one version"
}

// undone waits until a host has undone. A host whose session was lost undoes by itself unless it has
// committed: all its undos are run once more over a new connection.
func (r *rolloutRun) undone(ctx context.Context, h *hostRun) error {
	outcome, err := h.session.Wait(ctx)
	if outcome == script.Undone || outcome == script.Refused {
		return nil
	}
	if outcome != script.Unknown {
		return &NotUndoneError{h.work.Name, outcome, h.commit, err}
	}
	ready := script.Step{Name: "wait for Docker", Run: r.w.Ready, BestEffort: true, VerboseOnly: true}
	results, lost := r.reconnect(ctx, h, append([]script.Step{ready}, undoSteps(h.work)...)...)
	if lost != nil {
		return &NotUndoneError{h.work.Name, outcome, h.commit, err}
	}
	if failed := results.Failures(); failed != nil {
		return &NotUndoneError{h.work.Name, script.Broken, h.commit, failed}
	}
	return nil
}

// undoSteps are all undos of a host up to the commit, last first. An undo does no harm where there
// is nothing to undo, so it does not matter how far the host came or whether it has undone before.
// When one fails, the others still run.
func undoSteps(h plan.Host) []script.Step {
	var all []script.Step
	for _, stage := range h.Stages[:commitStage(plan.Phase{Hosts: []plan.Host{h}})+1] {
		for _, s := range stage.Steps {
			if !s.Undo.Empty() {
				all = append(all, script.Step{Name: "undo: " + s.Name, Run: s.Undo, Captured: true, BestEffort: true})
			}
		}
	}
	slices.Reverse(all)
	return all
}
