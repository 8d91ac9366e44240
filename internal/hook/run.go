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

// Run runs the hook name and tells it vars. It does nothing where there is no such hook or
// hooks are skipped. A hook that does not end with status 0 is a *FailedError, a file that may
// not be executed a *NotExecutableError. When ctx ends, so do the hook and all that it started.
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
	call.env = slices.Concat(exported(secrets), more, r.told(name, path, vars))
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
	c.o.Events(event.Step{Name: step(c.name), State: event.Began, Shown: shown, VerboseOnly: minor})
	_, err := local.Run(ctx, local.Command{
		Argv: []string{c.path}, Dir: c.o.Folders.Project, Env: c.env, Sink: c.line, Step: step(c.name),
	})
	took := c.o.Now().Sub(began)
	if err != nil && ctx.Err() != nil {
		c.o.Events(event.Step{Name: step(c.name), State: event.Cancelled, Took: took, VerboseOnly: minor})
		return c.failed(shown, err)
	}
	if err != nil {
		err = c.failed(shown, err)
		c.o.Events(event.Step{Name: step(c.name), State: event.Failed, Took: took, Err: errors.Unwrap(err)})
		return err
	}
	c.o.Events(event.Step{Name: step(c.name), State: event.Done, Took: took, VerboseOnly: minor})
	return nil
}

// chosen is what the configuration says of the file: one hook may be served by that of another.
func (c *call) chosen() Output { return c.o.Output(filepath.Base(c.path)) }

// failed leaves out what local's error quotes of the output: it is in Output, without secrets.
func (c *call) failed(shown string, err error) error {
	var exit *local.ExitError
	if errors.As(err, &exit) {
		err = &local.ExitError{Program: shown, Status: exit.Status}
	}
	return &FailedError{Hook: c.name, Path: shown, Output: c.output.String(), Err: err}
}

// line takes a line of the hook's output. Both streams bring theirs at once.
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
