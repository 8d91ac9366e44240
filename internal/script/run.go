package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/redact"
	"mrsk/internal/remote"
)

// Results are what became of the steps of a script, in its order.
type Results []Result

// Of returns the result of the step with that key. A step that is not there is a bug of the caller.
func (rs Results) Of(key *Key) Result {
	for _, r := range rs {
		if r.Step.Key == key {
			return r
		}
	}
	panic("script: no step has the key")
}

// Failures joins the failures of the steps, those of best effort too; nil without any.
func (rs Results) Failures() error {
	var errs []error
	for _, r := range rs {
		if r.Ran && r.Status != 0 {
			errs = append(errs, r.failure())
		}
	}
	return errors.Join(errs...)
}

// Late returns the failures of the steps that let the script go on and count nevertheless.
func (rs Results) Late() []error {
	var errs []error
	for _, r := range rs {
		if r.Ran && r.Status != 0 && r.Step.Late {
			errs = append(errs, r.failure())
		}
	}
	return errs
}

// Run carries the script out on host. It returns a *StepError for the step that failed, a *LongError
// for a captured step whose output exceeds what is kept of it, a
// *remote.LostError when the connection went away, and an *UnfinishedError when the host's
// shell ended the script early. The results are valid, as far as they go, in any case.
func (s Script) Run(ctx context.Context, host remote.Host, sink event.Sink) (Results, error) {
	mark := nonce()
	p := s.compile(mark)
	sent := time.Now()
	session, err := host.Start(ctx, Bootstrap)
	if err != nil {
		return results(p.steps), err
	}
	defer func() { _ = session.Close() }()
	c := newCollector(host.Name(), p.steps, sent, limitStart(session), sink)
	defer c.start.begun()
	finished := false
	c.onFrame = func(f frame) {
		if f.kind == "Z" {
			finished = true
			_ = session.Stdin().Close()
		}
	}
	if err := send(session.Stdin(), p.text()); err != nil {
		return c.results, ended(ctx, c, session, &remote.LostError{Err: err})
	}
	readErr := c.read(mark, session.Stdout(), session.Stderr())
	if c.cut != nil {
		return c.results, c.cut
	}
	return c.results, s.verdict(ctx, c, finished, session, readErr)
}

// send writes the program with its length before it.
func send(w io.Writer, program redact.String) error {
	text := program.Reveal()
	_, err := io.WriteString(w, fmt.Sprintf("%d\n%s", len(text), text))
	return err
}

func (s Script) verdict(ctx context.Context, c *collector, finished bool, session remote.Session, readErr error) error {
	if finished {
		return nil
	}
	for _, r := range c.results {
		if r.Ran && r.Status != 0 && !r.Step.goesOn() && ctx.Err() == nil {
			return r.failure()
		}
	}
	return ended(ctx, c, session, readErr)
}

// ended explains a program without an end frame.
func ended(ctx context.Context, c *collector, session remote.Session, cause error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := c.start.err(); err != nil {
		return err
	}
	if err := session.Wait(); err != nil {
		cause = err
	}
	if isLost(cause) {
		return cause
	}
	return &UnfinishedError{Err: cause, Stderr: strings.TrimSpace(string(c.noise))}
}
