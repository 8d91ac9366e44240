// Package rollout walks plans: it sends each phase to its hosts as scripts or sessions, opens
// and closes the gates between their stages, and takes everything back when something fails.
// What is to be done is decided before, in the plan; here is only how to carry it through.
package rollout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// Walker carries plans through.
type Walker struct {
	Fleet   *fleet.Fleet
	Sink    event.Sink
	Prelude []string      // shell functions that the steps call
	Guard   []script.Step // setup of every changing script
	Settle  []script.Step // waits until what an earlier script does on a host has ended
	Ready   string        // shell text that waits, before an undo, for what it needs
	Primary string        // the primary role
	// Around is called with the hosts of a batch before and after it; an error stops the
	// rollout. Nil calls nothing.
	Before, After func(ctx context.Context, hosts []string) error
	// SaveLog keeps the log of a container that failed and returns where.
	SaveLog func(host, step string, log []byte) (path string, err error)
	// Wait is the pause between two batches.
	Wait time.Duration
	// Grace is how long hosts may take to undo before they are no longer waited for.
	Grace time.Duration

	once map[string]bool // the phases to be done once that were done
}

// patience is how long a host goes without a heartbeat before it undoes.
const patience = 20 * time.Second

// Walk carries the plan through. Phases that roll out are one unit: when one fails, all of them
// are taken back.
func (w *Walker) Walk(ctx context.Context, p *plan.Plan) error {
	var rollouts []plan.Phase
	for _, phase := range p.Phases {
		if phase.Rollout {
			rollouts = append(rollouts, phase)
			continue
		}
		if w.once[phase.Name] {
			continue
		}
		if err := w.plain(ctx, phase); err != nil {
			return err
		}
		w.remember(phase)
	}
	if len(rollouts) == 0 {
		return nil
	}
	return w.rollOut(ctx, rollouts)
}

func (w *Walker) remember(phase plan.Phase) {
	if w.once == nil {
		w.once = map[string]bool{}
	}
	w.once[phase.Name] = phase.Once
}

// plain runs a phase in which every host works for itself.
func (w *Walker) plain(ctx context.Context, phase plan.Phase) error {
	work := map[string]plan.Host{}
	var names []string
	for _, h := range phase.Hosts {
		if s := w.script(h); len(s.Steps) > len(w.Guard) {
			work[h.Name] = h
			names = append(names, h.Name)
		}
	}
	return w.Fleet.Each(ctx, names, func(ctx context.Context, h remote.Host) error {
		results, err := w.script(work[h.Name()]).Run(ctx, h, w.Sink)
		w.tellReports(h.Name(), results)
		return w.explain(h.Name(), err)
	})
}

func (w *Walker) script(h plan.Host) script.Script {
	s := script.Script{Prelude: w.Prelude, Steps: append([]script.Step(nil), w.Guard...)}
	for _, stage := range h.Stages {
		s.Steps = append(s.Steps, steps(stage)...)
	}
	return s
}

func steps(stage plan.Stage) []script.Step {
	out := make([]script.Step, len(stage.Steps))
	for i, s := range stage.Steps {
		out[i] = s.Script()
	}
	return out
}

// UnhealthyError is a new container that did not come up.
type UnhealthyError struct {
	Err error
	Log string // where its whole log was saved, "" if nowhere
}

func (e *UnhealthyError) Error() string { return e.Err.Error() }

// Unwrap returns the step that failed.
func (e *UnhealthyError) Unwrap() error { return e.Err }

// Hint says where the whole log is.
func (e *UnhealthyError) Hint() string {
	if e.Log == "" {
		return ""
	}
	return "its whole log is in " + e.Log
}

// explain saves the log of a container that failed: the step that waited for it has printed it.
func (w *Walker) explain(host string, err error) error {
	var failed *script.StepError
	if !errors.As(err, &failed) || w.SaveLog == nil || !failed.Means(script.Unwell) {
		return err
	}
	if len(failed.Stdout) == 0 {
		return &UnhealthyError{Err: err}
	}
	path, saveErr := w.SaveLog(host, failed.Step.Name, failed.Stdout)
	if saveErr != nil {
		w.Sink(event.Warning{Host: host, Text: fmt.Sprintf("save the container's log: %v", saveErr)})
	}
	return &UnhealthyError{Err: err, Log: path}
}
