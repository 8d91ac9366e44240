package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/remote"
	"mrsk/internal/server"
	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/workflow"
)

// execFlags are the options of the commands that run a command of the user's.
type execFlags struct {
	p                *program
	interactive, raw bool
}

func (f *execFlags) add(p *program, c *cobra.Command) {
	f.p = p
	// What follows the command's first word belongs to the command, see words.
	c.Flags().SetInterspersed(false)
	exitsWith(c, exitsOfExec)
	c.Flags().BoolVarP(&f.interactive, "interactive", "i", false, "connect your terminal or stdin to the command; on one host")
	c.Flags().BoolVar(&f.raw, "raw", false, "print its output and nothing else; on one host")
}

// command is the user's command as shell words. A first word of several is shell text, split by
// the host's shell; all others are passed on as they are.
func (f *execFlags) command(c *cobra.Command, args []string) (string, error) {
	if len(args) == 0 || strings.TrimSpace(args[0]) == "" {
		return "", usageError{err: fmt.Errorf("%s takes a command to run", c.CommandPath()), hint: c.CommandPath() + " --help shows examples"}
	}
	words, err := f.words(c, args)
	if err != nil {
		return "", err
	}
	if f.raw && f.interactive {
		return "", usageError{err: errors.New("--raw does not go with --interactive")}
	}
	switch {
	case len(words) == 1:
		return words[0], nil
	case isText(words[0]):
		return words[0] + " " + shell.Quoted(words[1:]...), nil
	}
	return shell.Quoted(words...), nil
}

// execution runs a command on targets.
type execution struct {
	p     *program
	r     workflow.Env
	kind  string // of the headers
	flags execFlags
	audit string // what the audit log says
	agent bool   // lets the command use the ssh agent, where that is allowed
	line  func(t session.Target, tty bool) shell.Line
}

// errNowhere is a choice of hosts that leaves the command none.
var errNowhere = usageError{err: errors.New("no host of the app is among those that are chosen"), hint: "mrsk config shows its roles and hosts"}

func (e execution) run(ctx context.Context, targets []session.Target) error {
	switch {
	case len(targets) == 0:
		return errNowhere
	case e.flags.interactive:
		return e.interact(ctx, targets[0])
	case e.flags.raw && len(targets) > 1:
		return usageError{err: fmt.Errorf("--raw prints the output of one command, and this would run %d", len(targets)), hint: "choose with --primary, --hosts or --roles"}
	case len(targets) == 1:
		return e.alone(ctx, targets[0])
	}
	return e.many(ctx, targets)
}

func (e execution) command(t session.Target, tty bool) session.Command {
	audit := strings.Join(strings.Fields(e.p.console.hidden.hide(e.audit)), " ")
	line := e.line(t, tty)
	e.p.console.shown(t, line)
	return session.Command{
		Prelude: server.Prelude(e.r.Scope.Project, e.r.Identity.Performer),
		Line:    server.AuditThen(t.Role, audit, line),
		Agent:   e.agent,
	}
}

// alone passes the output on as it comes. What the command prints on stdout is what was asked for, and
// comes byte for byte, as it may be a dump; on stderr, where shells quote what they run, secrets are
// hidden.
func (e execution) alone(ctx context.Context, t session.Target) error {
	header := !e.flags.raw && !e.p.globals.quiet
	if header {
		if err := e.p.console.show(e.kind + " Host: " + t.String() + "\n"); err != nil {
			return err
		}
	}
	c := e.command(t, false)
	errs := e.p.console.hidden.veil(e.p.sys.Err)
	c.Stdout, c.Stderr = e.p.console.ui().Out(), errs
	err := errors.Join(e.on(ctx, t, c.Run), errs.Flush())
	if header {
		err = errors.Join(e.p.console.show("\n"), err)
	}
	return status(err)
}

// interact gives the command the operator's terminal, or else stdin.
func (e execution) interact(ctx context.Context, t session.Target) error {
	sys := e.p.sys
	tty := sys.InTerminal && sys.OutTerminal
	c := e.command(t, tty)
	errs := e.p.console.hidden.veil(sys.Err)
	c.Input, c.Stdout, c.Stderr = sys.In, sys.Out, errs
	run := c.Run
	if tty {
		run = func(ctx context.Context, h remote.Host) error {
			e.p.console.ui().Close()
			return session.Interact(ctx, h, c, sys.terminal())
		}
	}
	return status(errors.Join(e.on(ctx, t, run), errs.Flush()))
}

func (e execution) on(ctx context.Context, t session.Target, run func(context.Context, remote.Host) error) error {
	return e.r.Fleet.Each(ctx, []string{t.Host}, run)
}

// status makes the end of the only command ours.
func status(err error) error {
	var exit *remote.ExitError
	if errors.As(err, &exit) {
		return exitError(exit.Status)
	}
	return err
}

// many shows the output of each target when it is complete; what they say on stderr comes at
// once.
func (e execution) many(ctx context.Context, targets []session.Target) error {
	outputs, complaints := make([]session.Buffer, len(targets)), session.Merge(e.p.sys.Err)
	err := session.Each(ctx, e.r.Fleet, targets, func(ctx context.Context, h remote.Host, t session.Target) error {
		c, said := e.command(t, false), complaints.From(t.String()+": ")
		errs := e.p.console.hidden.veil(said)
		c.Stdout, c.Stderr = io.Writer(&outputs[slices.Index(targets, t)]), errs
		return errors.Join(ofRole(t, c.Run(ctx, h)), errs.Flush(), said.Flush())
	})
	for i, t := range targets {
		if shown := e.p.console.rawSection(e.kind, t.String(), outputs[i].String()); shown != nil {
			return shown
		}
	}
	return err
}

// ofRole says of which role an exit status is, where a host has several.
func ofRole(t session.Target, err error) error {
	var exit *remote.ExitError
	if t.Alone || !errors.As(err, &exit) {
		return err
	}
	return fmt.Errorf("role %s: %w", t.Role, err)
}

// pairs reads KEY:VALUE and KEY=VALUE.
func pairs(words []string) ([]config.Pair, error) {
	var out []config.Pair
	for _, w := range words {
		at := strings.IndexAny(w, ":=")
		if at < 1 {
			return nil, usageError{err: fmt.Errorf("--env %q is neither KEY:VALUE nor KEY=VALUE", w), hint: "an option of the command itself goes behind -- before the command, or in its quotes"}
		}
		out = append(out, config.Pair{Name: w[:at], Value: w[at+1:]})
	}
	return out, nil
}
