package script

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/remote"
)

// heartbeat is the interval at which the current order is repeated. A host tolerates several lost ones.
const heartbeat = 5 * time.Second

// undo is the order to take everything back.
const undo = "u"

// Running is a session under way on a host.
type Running struct {
	host    string
	session remote.Session
	c       *collector
	steps   []Step

	mu     sync.Mutex
	order  string
	open   bool            // the host reads orders
	wanted chan struct{}   // filled when the order is to be sent
	staged []chan struct{} // closed when the stage is done
	done   int             // how many stages are done
	failed chan struct{}   // closed when a step failed: the host undoes
	first  error           // why failed was closed
	undos  []error
	end    Outcome
	over   chan struct{} // closed when nothing more will come
	err    error
}

// Start begins the session; its first stage runs at once. Cancelling ctx does not end it: it is
// Undo that asks the host to take everything back, and the host does it anyway when it no
// longer hears from us.
func (s Session) Start(ctx context.Context, host remote.Host, sink event.Sink) (*Running, error) {
	mark := nonce()
	p := s.compile(mark)
	sent := time.Now()
	session, err := host.Start(context.WithoutCancel(ctx), Bootstrap)
	if err != nil {
		return nil, err
	}
	r := &Running{
		host: host.Name(), session: session, steps: p.steps, order: "0",
		c:      newCollector(host.Name(), p.steps, sent, limitStart(session), sink),
		failed: make(chan struct{}), over: make(chan struct{}), wanted: make(chan struct{}, 1),
	}
	for range s.Stages {
		r.staged = append(r.staged, make(chan struct{}))
	}
	r.c.onFirst, r.c.onFrame = r.listening, r.frame
	r.c.onStep, r.c.onUndo = r.stepEnded, r.stepUndone
	if err := send(session.Stdin(), p.text()); err != nil {
		defer func() { _ = session.Close() }()
		defer r.c.start.begun()
		return nil, ended(ctx, r.c, session, &remote.LostError{Err: err})
	}
	go r.read(ctx, mark)
	return r, nil
}

func (r *Running) read(ctx context.Context, mark string) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	done := make(chan error, 1)
	go func() { done <- r.c.read(mark, r.session.Stdout(), r.session.Stderr()) }()
	for {
		select {
		case <-beat.C:
			r.say()
		case err := <-done:
			r.finish(ctx, err)
			return
		}
	}
}

func (r *Running) finish(ctx context.Context, readErr error) {
	r.mu.Lock()
	known := r.end != Unknown
	r.mu.Unlock()
	if !known {
		r.err = ended(context.WithoutCancel(ctx), r.c, r.session, readErr)
	}
	r.c.start.begun()
	_ = r.session.Close()
	close(r.over)
}

// listening is called with the host's first frame: from now on it reads orders.
func (r *Running) listening() {
	r.mu.Lock()
	r.open = true
	r.mu.Unlock()
	go r.sendOrders()
	r.say()
}

// say has the current order sent, and does not wait until the host reads it. Nothing is sent before the
// host's first frame: until then the host reads its program.
func (r *Running) say() {
	select {
	case r.wanted <- struct{}{}:
	default: // it is still to be sent
	}
}

// sendOrders sends the order as it is then, each time that say is called. A host that does not read blocks
// nothing else.
func (r *Running) sendOrders() {
	for {
		select {
		case <-r.wanted:
		case <-r.over:
			return
		}
		r.mu.Lock()
		order, open := r.order, r.open
		r.mu.Unlock()
		if !open {
			return
		}
		_, _ = io.WriteString(r.session.Stdin(), order+"\n") // a dead channel shows on the reading side
	}
}

// Order orders the host to run the stages up to k.
func (r *Running) Order(k int) { r.setOrder(strconv.Itoa(k)) }

// Undo orders the host to undo everything. It has no effect after the last stage has begun.
func (r *Running) Undo() { r.setOrder(undo) }

func (r *Running) setOrder(order string) {
	r.mu.Lock()
	if r.order != undo {
		r.order = order
	}
	r.mu.Unlock()
	r.say()
}

func (r *Running) frame(f frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch k := f.number(0); {
	case f.kind == "S" && k == r.done && k < len(r.staged):
		close(r.staged[k])
		r.done++
	case f.kind == "Z" && len(f.args) > 0 && r.end == Unknown:
		r.end = outcome(f.args[0])
		_ = r.session.Stdin().Close()
		r.open = false
	}
}

func (r *Running) stepEnded(res Result) {
	switch {
	case res.Status == 0 || res.Step.goesOn():
	case res.Means(GaveUp) && r.undoOrdered():
		r.fail(ErrUndone)
	default:
		r.fail(res.failure())
	}
}

func (r *Running) undoOrdered() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.order == undo
}

func (r *Running) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first = err
		close(r.failed)
	}
}

func (r *Running) stepUndone(res Result) {
	if res.Status == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.undos = append(r.undos, res.failure())
}

// Stage waits until stage k is done. It returns the *StepError of the step that failed instead,
// or how the session ended before, or the cause of ctx.
func (r *Running) Stage(ctx context.Context, k int) error {
	select {
	case <-r.staged[k]:
		return nil
	case <-r.failed:
		return r.first
	case <-r.over:
		return r.overErr()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ErrUndone is a session that was taken back by order, before the stage somebody waits for.
var ErrUndone = errors.New("undone by order")

func (r *Running) overErr() error {
	if r.err != nil {
		return r.err
	}
	if r.first != nil {
		return r.first
	}
	return ErrUndone
}

// Wait waits for the end of the session. The error joins the step that failed, the undos that
// failed, and a lost connection; it is nil for a session that was carried through or undone by
// order.
func (r *Running) Wait(ctx context.Context) (Outcome, error) {
	select {
	case <-r.over:
	case <-ctx.Done():
		return Unknown, context.Cause(ctx)
	}
	first := r.first
	if errors.Is(first, ErrUndone) {
		first = nil
	}
	return r.end, errors.Join(append([]error{first, r.err}, r.undos...)...)
}

// Failure returns the error of the step that failed, nil if none did.
func (r *Running) Failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(r.first, ErrUndone) {
		return nil
	}
	return r.first
}

// Results are the results of the session's steps so far; call it after Stage or Wait.
func (r *Running) Results() Results {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return append(Results(nil), r.c.results...)
}

// Hangup ends the session without a word, as a crash of ours would.
func (r *Running) Hangup() { _ = r.session.Close() }

func isLost(err error) bool {
	var lost *remote.LostError
	return errors.As(err, &lost)
}
