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
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/server"
)

// hostRun is the part of one host in a rollout.
type hostRun struct {
	work    plan.Host
	session *script.Running
	err     error // why it failed, nil while it has not
	commit  Commit
	reached time.Time // when it had carried out the last stage, zero before
	// detached is set when the session was lost after the host had committed.
	detached bool
}

// rolloutRun is a rollout in progress: all batches together.
type rolloutRun struct {
	w     *Walker
	hosts []*hostRun
}

// rollOut runs the batches one after the other up to the commit, and commits them together. When
// something fails before, it rolls all of them back.
func (w *Walker) rollOut(ctx context.Context, batches []plan.Phase) error {
	r := &rolloutRun{w: w}
	for i, batch := range batches {
		if err := r.batch(ctx, batch, i); err != nil {
			r.noteBarrier(batch, err)
			return r.rollback(ctx, err)
		}
	}
	commit := commitStage(batches[0])
	for k := togetherStage(batches[0]); k < commit; k++ {
		if err := r.stage(ctx, r.hosts, k); err != nil {
			return r.rollback(ctx, err)
		}
	}
	if err := r.commit(ctx, commit); err != nil {
		return r.rollback(ctx, err)
	}
	return r.finish(ctx, commit+1)
}

func commitStage(p plan.Phase) int {
	return slices.IndexFunc(p.Hosts[0].Stages, func(s plan.Stage) bool { return s.Commit })
}

// togetherStage is the first stage that all batches begin together.
func togetherStage(p plan.Phase) int {
	return slices.IndexFunc(p.Hosts[0].Stages, func(s plan.Stage) bool { return s.Together || s.Commit })
}

// batch runs the stages of one batch that come before those which all batches begin together.
func (r *rolloutRun) batch(ctx context.Context, p plan.Phase, i int) error {
	if i > 0 {
		if err := pause(ctx, r.w.Wait); err != nil {
			return err
		}
	}
	if err := callHook(ctx, r.w.Before, p); err != nil {
		return err
	}
	hosts, err := r.start(ctx, p)
	r.hosts = append(r.hosts, hosts...)
	if err != nil {
		return err
	}
	for k := range togetherStage(p) {
		if err := r.stage(ctx, hosts, k); err != nil {
			return err
		}
	}
	return callHook(ctx, r.w.After, p)
}

func callHook(ctx context.Context, hook func(context.Context, []string) error, p plan.Phase) error {
	if hook == nil {
		return nil
	}
	return hook(ctx, names(p))
}

func names(p plan.Phase) []string {
	var all []string
	for _, h := range p.Hosts {
		all = append(all, h.Name)
	}
	return all
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// start starts the sessions of all hosts of a batch.
func (r *rolloutRun) start(ctx context.Context, p plan.Phase) ([]*hostRun, error) {
	var mu sync.Mutex
	var hosts []*hostRun
	work := map[string]plan.Host{}
	for _, h := range p.Hosts {
		work[h.Name] = h
	}
	order := names(p)
	err := r.w.Fleet.Each(ctx, order, func(ctx context.Context, h remote.Host) error {
		session, err := r.w.session(work[h.Name()]).Start(ctx, h, r.w.Sink)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		hosts = append(hosts, &hostRun{work: work[h.Name()], session: session})
		return nil
	})
	slices.SortFunc(hosts, func(a, b *hostRun) int {
		return slices.Index(order, a.work.Name) - slices.Index(order, b.work.Name)
	})
	return hosts, err
}

func (w *Walker) session(h plan.Host) script.Session {
	s := script.Session{
		Prelude:        w.Prelude,
		Setup:          w.Guard,
		Ready:          w.Ready,
		Report:         server.AuditUndone(),
		SilenceTimeout: silenceTimeout,
	}
	for _, stage := range h.Stages {
		s.Stages = append(s.Stages, script.Stage{Name: stage.Name, Steps: steps(stage), Commit: stage.Commit})
	}
	return s
}

// stage orders hosts to stage k and waits for all of them. When one fails, it stops waiting for the
// others: the caller rolls back.
func (r *rolloutRun) stage(ctx context.Context, hosts []*hostRun, k int) error {
	ordered := r.order(hosts, k)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, h := range hosts {
		all.Go(func() {
			if h.err = h.session.Stage(ctx, k); h.err != nil {
				r.tellFailure(ctx, h)
				cancel(errOther)
			}
			r.reached(h, k, ordered)
		})
	}
	all.Wait()
	return r.failures(ctx, hosts)
}

// errOther ends the wait for a host when another host has failed.
var errOther = errors.New("another host failed")

// reached notes that a host has carried out stage k or has failed, and tells the former.
func (r *rolloutRun) reached(h *hostRun, k int, ordered time.Time) {
	h.reached = time.Now()
	if h.err == nil {
		stage := h.work.Stages[k]
		r.w.Sink(event.Reached{Host: h.work.Name, Stage: stage.Name, Done: stage.Reached(), Took: h.reached.Sub(ordered)})
	}
}

// order opens the gate before stage k and returns when. The orders are sent back to back, with nothing in between.
func (r *rolloutRun) order(hosts []*hostRun, k int) (ordered time.Time) {
	stage := hosts[0].work.Stages[k]
	gate := stage.Gate
	if gate != "" {
		r.w.Sink(event.Section{Text: gate})
	}
	r.w.Sink(event.Stage{Name: stage.Name, Hosts: hostNames(hosts), Together: k < len(hosts[0].work.Stages)-1})
	ordered = time.Now()
	for _, h := range hosts {
		h.session.Order(k)
	}
	for _, h := range hosts {
		if !h.reached.IsZero() {
			r.w.Sink(event.Waited{Host: h.work.Name, For: event.AtGate, Gate: gate, Since: h.reached, Took: ordered.Sub(h.reached)})
		}
	}
	return ordered
}

func hostNames(hosts []*hostRun) []string {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.work.Name
	}
	return names
}

// tellFailure tells that a host has failed itself.
func (r *rolloutRun) tellFailure(ctx context.Context, h *hostRun) {
	if failedItself(ctx, h.err) {
		r.w.Sink(event.HostFailed{Host: h.work.Name, Err: h.err})
	}
}

// failedItself reports whether err is about its host, and not about another one or the run.
func failedItself(ctx context.Context, err error) bool {
	return err != nil && !errors.Is(err, errOther) && !errors.Is(err, script.ErrUndone) && !interrupted(ctx, err)
}

// failures returns the errors of the hosts that failed themselves. When there are none, the run was
// interrupted.
func (r *rolloutRun) failures(ctx context.Context, hosts []*hostRun) error {
	var failed fleet.Error
	for _, h := range hosts {
		if failedItself(ctx, h.err) {
			failed.Hosts = append(failed.Hosts, fleet.HostError{Host: h.work.Name, Err: r.w.explain(h.work.Name, h.err)})
		}
	}
	if len(failed.Hosts) > 0 {
		return &failed
	}
	if slices.ContainsFunc(hosts, func(h *hostRun) bool { return h.err != nil }) {
		return context.Cause(ctx)
	}
	return nil
}

func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
}
