package apply

import (
	"context"
	"errors"
	"slices"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// Commit is how far a host has come with the commit, as far as the run knows.
type Commit int

// The states of a commit.
const (
	NotOrdered Commit = iota
	Ordered           // the order may have reached the host
	Confirmed         // the host keeps the new version
)

// commit orders all hosts to commit. From its answer on, a host keeps the new version even when it
// loses the connection. A host whose connection is lost at that moment is asked over a new one whether it
// has committed.
func (r *rolloutRun) commit(ctx context.Context, k int) error {
	for _, h := range r.hosts {
		h.commit = Ordered
	}
	ordered := r.order(r.hosts, k)
	var all sync.WaitGroup
	for _, h := range r.hosts {
		all.Go(func() {
			if h.err = h.session.Stage(context.WithoutCancel(ctx), k); h.err == nil || r.committedAnyway(ctx, h) {
				h.err, h.commit = nil, Confirmed
			}
			r.tellFailure(ctx, h)
			r.reached(h, k, ordered)
		})
	}
	all.Wait()
	return r.failures(ctx, r.hosts)
}

// committedAnyway asks a host whose connection was lost in the commit, over a new connection,
// whether it has committed. It waits for an undo that may be in progress there.
func (r *rolloutRun) committedAnyway(ctx context.Context, h *hostRun) bool {
	var lost *remote.LostError
	if !errors.As(h.err, &lost) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.w.Grace)
	defer cancel()
	r.w.Sink(event.Note{Host: h.work.Name, Text: "the connection was lost in the commit; asking again"})
	if _, err := r.reconnect(ctx, h, script.Step{Name: "ask whether it keeps the new version", Run: h.work.Kept}); err != nil {
		return false
	}
	h.detached = true
	return true
}

// reconnect runs steps on a host whose session was lost, over a new connection and after what that
// session left in progress has ended.
func (r *rolloutRun) reconnect(ctx context.Context, h *hostRun, steps ...script.Step) (results script.Results, err error) {
	s := script.Script{Prelude: r.w.Prelude, Steps: append(slices.Clone(r.w.Settle), steps...)}
	err = r.w.Fleet.Each(ctx, []string{h.work.Name}, func(ctx context.Context, host remote.Host) (err error) {
		results, err = s.Run(ctx, host, r.w.Sink)
		return err
	})
	return results, err
}
