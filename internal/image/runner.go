package image

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mrsk/internal/diagnose"
	"mrsk/internal/event"
	"mrsk/internal/local"
)

// runner runs commands on the operator's machine.
type runner struct {
	events  event.Sink
	dir     string           // working directory of commands without one
	environ []string         // for all commands, as NAME=value
	answer  time.Duration    // timeout of docker's answers; 0 is answerTimeout
	engine  diagnose.Machine // of commands that ask no builder
}

// run runs c and reports it as a step, with its output.
func (r runner) run(ctx context.Context, step string, c command) error {
	began := time.Now()
	r.events(event.Step{Name: step, State: event.Began, Shown: c.shown.String()})
	watched, cancel := r.watched(ctx, c)
	defer cancel()
	_, err := r.start(watched, step, c, r.events)
	took := time.Since(began)
	switch {
	case err != nil && ctx.Err() != nil:
		r.events(event.Step{Name: step, State: event.Cancelled, Took: took})
		return err
	case err != nil:
		r.events(event.Step{Name: step, State: event.Failed, Took: took, Err: reason(err)})
		return err
	}
	r.events(event.Step{Name: step, State: event.Done, Took: took})
	return nil
}

// engineOf returns the machine whose Docker engine c asks.
func (r runner) engineOf(c command) diagnose.Machine {
	if c.engine == diagnose.ThisMachine {
		return r.engine
	}
	return c.engine
}

// engineOf returns the machine of the engine that the operator's docker asks.
func engineOf(d local.Docker) diagnose.Machine {
	if d.Here() {
		return diagnose.ThisMachine
	}
	return diagnose.DockerContext
}

// reason returns err without the step's name and output, which the screen has shown already.
func reason(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// output runs c and returns its stdout. The screen shows nothing, except a reminder if c takes long.
func (r runner) output(ctx context.Context, c command) (string, error) {
	name := c.shown.String()
	defer local.Remind(r.events, name, min(event.LongWait, r.answerTimeout()/2))()
	ctx, cancel := r.limited(ctx, c)
	defer cancel()
	return r.start(ctx, name, c, func(event.Event) {})
}

func (r runner) start(ctx context.Context, step string, c command, events event.Sink) (string, error) {
	var last local.Tail
	p, secrets := r.process(c), c.secrets()
	p.Step = step
	p.Sink = func(e event.Event) {
		if line, ok := e.(event.Line); ok {
			line.Text = secrets.Hide(line.Text)
			last.Add(line.Text)
			events(line)
		}
	}
	result, err := local.Run(ctx, p)
	if err != nil {
		return "", failed(step, last.String(), r.engineOf(c), err)
	}
	return result.Stdout, nil
}

func (r runner) process(c command) local.Command {
	dir := c.dir
	if dir == "" {
		dir = r.dir
	}
	p := local.Command{Argv: c.args, Dir: dir, Env: slices.Concat(r.environ, c.environment()), Unset: c.unset, Shown: c.shown.String(), Stdout: c.stdout}
	if !c.stdin.Empty() {
		p.Stdin = strings.NewReader(c.stdin.Reveal())
	}
	return p
}

// failed wraps the error of a command. It drops the output that a *local.ExitError quotes, which may
// lockFile secrets; output has them hidden. It returns a *local.MissingError as it is.
func failed(step, output string, engine diagnose.Machine, err error) error {
	var missing *local.MissingError
	if errors.As(err, &missing) {
		return err
	}
	var exit *local.ExitError
	if errors.As(err, &exit) {
		err = &local.ExitError{Program: exit.Program, Status: exit.Status}
	}
	return &FailedError{Step: step, Output: output, Engine: engine, Err: err}
}
