package hook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"mrsk/internal/event"
	"mrsk/internal/local"
	"mrsk/internal/redact"
)

// Run runs the hook with the variables of vars. It does nothing if there is no file for the hook, or hooks
// are skipped. The error is a *FailedError if the hook fails, a *NotExecutableError if its file is not
// executable, or an error of the functions in Options. When ctx ends, the hook and all programs that it has
// started are ended.
func (r *Runner) Run(ctx context.Context, name string, vars Vars) error {
	path := r.find(name)
	if path == "" {
		return nil
	}
	if err := r.executable(name, path); err != nil {
		return err
	}
	secrets, err := r.secretsFor(ctx, name)
	if err != nil {
		return fmt.Errorf("read secrets for hook %s: %w", name, err)
	}
	more, err := r.o.More()
	if err != nil {
		return fmt.Errorf("prepare hook %s: %w", name, err)
	}
	call := call{Runner: r, name: name, path: path, hidden: redact.Of(slices.Collect(maps.Values(secrets))...)}
	call.env = slices.Concat(exported(secrets), more, r.variables(name, path, vars))
	return call.run(ctx)
}

func (r *Runner) executable(name, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("find hook %s: %w", name, err)
	}
	if info.Mode().Perm()&0o111 == 0 {
		return &NotExecutableError{Hook: name, Path: r.o.Folders.shown(path)}
	}
	return nil
}

func (r *Runner) secretsFor(ctx context.Context, name string) (map[string]redact.String, error) {
	if !slices.Contains(getSecrets, name) {
		return nil, nil
	}
	return r.o.Secrets(ctx)
}

// call is one run of a hook.
type call struct {
	*Runner
	name, path string
	env        []string
	hidden     *redact.Secrets
	output     local.Tail
}

func (c *call) run(ctx context.Context) error {
	shown := c.o.Folders.shown(c.path)
	began := c.o.Now()
	minor := c.chosen() == Never
	c.o.Events(event.Step{Name: step(c.name), State: event.Began, Shown: shown, Minor: minor})
	_, err := local.Run(ctx, local.Command{
		Argv: []string{c.path}, Dir: c.o.Folders.Project, Env: c.env, Sink: c.line, Step: step(c.name),
	})
	took := c.o.Now().Sub(began)
	if err != nil && ctx.Err() != nil {
		c.o.Events(event.Step{Name: step(c.name), State: event.Cancelled, Took: took, Minor: minor})
		return c.failed(shown, err)
	}
	if err != nil {
		err = c.failed(shown, err)
		c.o.Events(event.Step{Name: step(c.name), State: event.Failed, Took: took, Err: errors.Unwrap(err)})
		return err
	}
	c.o.Events(event.Step{Name: step(c.name), State: event.Done, Took: took, Minor: minor})
	return nil
}

// chosen returns how to show the hook. The file counts, not the hook: the file of one hook may serve another.
func (c *call) chosen() Output { return c.o.Output(filepath.Base(c.path)) }

// failed returns a *FailedError. It removes the output from err, because Output has it without secrets.
func (c *call) failed(shown string, err error) error {
	var exit *local.ExitError
	if errors.As(err, &exit) {
		err = &local.ExitError{Program: shown, Status: exit.Status}
	}
	return &FailedError{Hook: c.name, Path: shown, Output: c.output.String(), Err: err}
}

// line shows and keeps a line of output. Both streams of the hook call it, concurrently.
func (c *call) line(e event.Event) {
	line, ok := e.(event.Line)
	if !ok {
		return
	}
	line.Text = c.hidden.Hide(line.Text)
	c.output.Add(line.Text)
	line.Loud = c.chosen() == Always
	c.o.Events(line)
}

func step(name string) string { return "hook " + name }
