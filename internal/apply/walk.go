// Package apply carries out plans: it sends each phase to its hosts as scripts or sessions, opens
// the gates between stages, commits, and undoes everything when a host fails. What to do is decided
// before, in the plan: nothing here depends on the name, the output or the exit status of a step.
package apply

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
	"mrsk/internal/shell"
)

// Walker carries out the plans of one run.
type Walker struct {
	Fleet   *fleet.Fleet
	Sink    event.Sink
	Prelude string        // sets the variables that shell functions read
	Guard   []script.Step // runs first in every script: takes the work lock and checks the lease
	Settle  []script.Step // waits until an earlier script has ended on the host
	Ready   shell.Line    // runs before an undo and waits for what it needs
	Primary string        // the primary role
	// Before and After are called with the hosts of a batch, before and after it. An error rolls
	// back. Nil calls nothing.
	Before, After func(ctx context.Context, hosts []string) error
	// SaveLog saves the log of a container that failed and returns the path of the file.
	SaveLog func(host, step string, log []byte) (path string, err error)
	// Wait is the pause between two batches.
	Wait time.Duration
	// Grace is how long hosts may take to undo. After that the run no longer waits for them.
	Grace time.Duration

	onceDone  bool    // the phase marked plan.Phase.Once is done
	unaudited hostSet // the hosts that were warned of
}

// silenceTimeout is how long a host waits for a heartbeat before it undoes by itself.
const silenceTimeout = 20 * time.Second

// Walk carries out a plan. All phases that roll out are one unit: when one of them fails, all are
// undone.
func (w *Walker) Walk(ctx context.Context, p *plan.Plan) error {
	var rollouts []plan.Phase
	for _, phase := range p.Phases {
		if phase.Rollout {
			rollouts = append(rollouts, phase)
			continue
		}
		if phase.Once && w.onceDone {
			continue
		}
		if err := w.plain(ctx, phase); err != nil {
			return err
		}
		w.onceDone = w.onceDone || phase.Once
	}
	if len(rollouts) == 0 {
		return nil
	}
	return w.rollOut(ctx, rollouts)
}

// plain runs a phase in which every host works on its own.
func (w *Walker) plain(ctx context.Context, phase plan.Phase) error {
	work := map[string]plan.Host{}
	var names []string
	for _, h := range phase.Hosts {
		if s := w.script(h); len(s.Steps) > len(w.Guard) {
			work[h.Name] = h
			names = append(names, h.Name)
		}
	}
	w.Sink(event.Stage{Name: phase.Name, Hosts: names})
	return w.Fleet.Each(ctx, names, func(ctx context.Context, h remote.Host) error {
		began := time.Now()
		results, err := w.script(work[h.Name()]).Run(ctx, h, w.Sink)
		w.warnOfReports(h.Name(), results)
		if err != nil && ctx.Err() == nil {
			w.Sink(event.HostFailed{Host: h.Name(), Err: err})
		}
		if err == nil {
			w.Sink(event.Reached{Host: h.Name(), Stage: phase.Name, Done: phase.Name, Took: time.Since(began)})
		}
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

// UnhealthyError reports a new container that did not become healthy.
type UnhealthyError struct {
	Err error
	Log string // the file with its whole log, "" if none was saved
}

func (e *UnhealthyError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the step that failed.
func (e *UnhealthyError) Unwrap() error { return e.Err }

// Hint says what to do about the cause if that is known. Else it names the file with the whole log.
func (e *UnhealthyError) Hint() string {
	var failed *script.StepError
	if errors.As(e.Err, &failed) && failed.Hint() != "" {
		return failed.Hint()
	}
	if e.Log == "" {
		return ""
	}
	return "its whole log is in " + e.Log
}

// explain saves the log of a container that failed, which the step that waited for it printed.
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
