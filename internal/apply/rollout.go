package rollout

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
)

// member is one host's part in a rollout.
type member struct {
	host    plan.Host
	running *script.Running
	err     error // why it failed, nil while it has not
	commit  Commit
	// detached is a host whose session was lost after it had committed.
	detached bool
}

// unit is a rollout under way: all batches together.
type unit struct {
	w       *Walker
	members []*member
}

// rollOut carries the batches through up to the commit, one after the other, and commits them
// together. Whatever fails before takes all of them back.
func (w *Walker) rollOut(ctx context.Context, batches []plan.Phase) error {
	u := &unit{w: w}
	for i, batch := range batches {
		if err := u.batch(ctx, batch, i); err != nil {
			u.tellBarrier(batch, err)
			return u.takeBack(ctx, err)
		}
	}
	commit := commitStage(batches[0])
	for k := togetherStage(batches[0]); k < commit; k++ {
		if err := u.stage(ctx, u.members, k); err != nil {
			return u.takeBack(ctx, err)
		}
	}
	if err := u.commit(ctx, commit); err != nil {
		return u.takeBack(ctx, err)
	}
	return u.finish(ctx, commit+1)
}

func commitStage(p plan.Phase) int {
	return slices.IndexFunc(p.Hosts[0].Stages, func(s plan.Stage) bool { return s.Commit })
}

// togetherStage is the first stage that all batches begin together.
func togetherStage(p plan.Phase) int {
	return slices.IndexFunc(p.Hosts[0].Stages, func(s plan.Stage) bool { return s.Together || s.Commit })
}

// batch brings the hosts of one batch to the last stage before those that all batches begin together.
func (u *unit) batch(ctx context.Context, p plan.Phase, i int) error {
	if i > 0 {
		if err := pause(ctx, u.w.Wait); err != nil {
			return err
		}
	}
	if err := u.hook(ctx, u.w.Before, p); err != nil {
		return err
	}
	members, err := u.start(ctx, p)
	u.members = append(u.members, members...)
	if err != nil {
		return err
	}
	for k := range togetherStage(p) {
		if err := u.stage(ctx, members, k); err != nil {
			return err
		}
	}
	return u.hook(ctx, u.w.After, p)
}

func (u *unit) hook(ctx context.Context, hook func(context.Context, []string) error, p plan.Phase) error {
	if hook == nil {
		return nil
	}
	var names []string
	for _, h := range p.Hosts {
		names = append(names, h.Name)
	}
	return hook(ctx, names)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// start begins the sessions of all hosts of a batch.
func (u *unit) start(ctx context.Context, p plan.Phase) ([]*member, error) {
	var mu sync.Mutex
	var members []*member
	var names []string
	work := map[string]plan.Host{}
	for _, h := range p.Hosts {
		names = append(names, h.Name)
		work[h.Name] = h
	}
	err := u.w.Fleet.Each(ctx, names, func(ctx context.Context, h remote.Host) error {
		running, err := u.w.session(work[h.Name()]).Start(ctx, h, u.w.Sink)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		members = append(members, &member{host: work[h.Name()], running: running})
		return nil
	})
	slices.SortFunc(members, func(a, b *member) int {
		return slices.Index(names, a.host.Name) - slices.Index(names, b.host.Name)
	})
	return members, err
}

func (w *Walker) session(h plan.Host) script.Session {
	s := script.Session{
		Prelude:  w.Prelude,
		Setup:    w.Guard,
		Ready:    w.Ready,
		Report:   `audit "Undone ($1, $2)"`,
		Patience: patience,
	}
	for _, stage := range h.Stages {
		s.Stages = append(s.Stages, script.Stage{Name: stage.Name, Steps: steps(stage), Commit: stage.Commit})
	}
	return s
}

// stage orders the members to stage k and waits for all of them. As soon as one fails the
// others are told to undo: there is nothing left to wait for, but the end of their clean-up.
func (u *unit) stage(ctx context.Context, members []*member, k int) error {
	u.gate(members, k)
	for _, m := range members {
		m.running.Order(k)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, m := range members {
		all.Go(func() {
			if m.err = m.running.Stage(ctx, k); m.err != nil {
				cancel(errOther)
			}
		})
	}
	all.Wait()
	return u.failures(ctx, members)
}

// errOther is why a member stops waiting when another one has failed.
var errOther = errors.New("another host failed")

func (u *unit) gate(members []*member, k int) {
	if gate := members[0].host.Stages[k].Gate; gate != "" {
		u.w.Sink(event.Section{Text: gate})
	}
}

// failures are those of the members that failed themselves. When none did, the run was
// interrupted.
func (u *unit) failures(ctx context.Context, members []*member) error {
	var failed fleet.Error
	for _, m := range members {
		if m.err != nil && !errors.Is(m.err, errOther) && !errors.Is(m.err, script.ErrUndone) && !interrupted(ctx, m.err) {
			failed.Hosts = append(failed.Hosts, fleet.HostError{Host: m.host.Name, Err: u.w.explain(m.host.Name, m.err)})
		}
	}
	if len(failed.Hosts) > 0 {
		return &failed
	}
	if slices.ContainsFunc(members, func(m *member) bool { return m.err != nil }) {
		return context.Cause(ctx)
	}
	return nil
}

func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
}

// commit orders the commit of all hosts at once: from its answer on a host keeps the new version
// even when it no longer hears from us. The orders are sent back to back, nothing in between.
// A host whose connection is lost just now is asked again what it has made of it.
func (u *unit) commit(ctx context.Context, k int) error {
	u.gate(u.members, k)
	for _, m := range u.members {
		m.commit = Ordered
		m.running.Order(k)
	}
	var all sync.WaitGroup
	for _, m := range u.members {
		all.Go(func() {
			if m.err = m.running.Stage(context.WithoutCancel(ctx), k); m.err == nil || u.keptAnyway(ctx, m) {
				m.err, m.commit = nil, Confirmed
			}
		})
	}
	all.Wait()
	return u.failures(ctx, u.members)
}

// keptAnyway asks a host that was lost in the commit, over a new connection, whether it has
// committed. It waits for an undo that may be under way there.
func (u *unit) keptAnyway(ctx context.Context, m *member) bool {
	var lost *remote.LostError
	if !errors.As(m.err, &lost) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), u.w.Grace)
	defer cancel()
	u.w.Sink(event.Note{Host: m.host.Name, Text: "the connection was lost in the commit; asking again"})
	if _, err := u.again(ctx, m, script.Step{Name: "ask whether it keeps the new version", Run: m.host.Kept}); err != nil {
		return false
	}
	m.detached = true
	return true
}

// again runs steps on a host whose session was lost, once what that left under way has ended.
func (u *unit) again(ctx context.Context, m *member, steps ...script.Step) (results script.Results, err error) {
	s := script.Script{Prelude: u.w.Prelude, Steps: append(slices.Clone(u.w.Settle), steps...)}
	err = u.w.Fleet.Each(ctx, []string{m.host.Name}, func(ctx context.Context, h remote.Host) (err error) {
		results, err = s.Run(ctx, h, u.w.Sink)
		return err
	})
	return results, err
}
