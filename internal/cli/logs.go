package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/docker"
	"mrsk/internal/remote"
	"mrsk/internal/session"
	"mrsk/internal/shell"
)

// logFlags are the options of the commands that show logs.
type logFlags struct {
	since, grep, grepOptions string
	lines                    int
	follow, bare             bool
}

func (f *logFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVarP(&f.since, "since", "s", "", "show lines since a time (2026-01-31T12:00:00Z) or a duration (5m)")
	flags.IntVarP(&f.lines, "lines", "n", 0, "how many of the last lines to show (default 100, or 10 with --follow; all with --since or --grep)")
	flags.StringVarP(&f.grep, "grep", "g", "", "show lines that match this grep pattern")
	flags.StringVarP(&f.grepOptions, "grep-options", "o", "", "options of grep, such as \"-i -C 3\"")
	flags.BoolVarP(&f.follow, "follow", "f", false, "show new lines of all selected hosts as they come")
	flags.BoolVarP(&f.bare, "skip-timestamps", "T", false, "omit docker's timestamps")
}

// logs is what docker is told.
func (f *logFlags) logs() (docker.Logs, error) {
	if f.lines < 0 {
		return docker.Logs{}, usageError{err: errors.New("--lines must not be negative")}
	}
	l := docker.Logs{
		Since: f.since, Grep: f.grep, GrepOptions: strings.Fields(f.grepOptions),
		Follow: f.follow, SkipTimestamps: f.bare,
	}
	switch {
	case f.lines > 0:
		l.Lines = strconv.Itoa(f.lines)
	case f.since != "" || f.grep != "":
	case f.follow:
		l.Lines = "10"
	default:
		l.Lines = "100"
	}
	return l, nil
}

// logView shows logs of many targets.
type logView struct {
	p     *program
	kind  string // of the headers
	fleet session.Fleet
	line  func(session.Target) shell.Line
	split splitLine // lines of the log
}

// show prints the logs of targets, or follows them.
func (f *logFlags) show(ctx context.Context, v logView, targets []session.Target) error {
	v.split = docker.SplitLog
	if f.bare {
		v.split = untimed
	}
	if f.follow {
		return v.follow(ctx, targets)
	}
	return v.show(ctx, targets)
}

// show prints the logs of all targets, those of one after those of the other.
func (v logView) show(ctx context.Context, targets []session.Target) error {
	outputs := make([]session.Buffer, len(targets))
	err := session.Each(ctx, v.fleet, targets, func(ctx context.Context, h remote.Host, t session.Target) error {
		return v.run(ctx, h, t, &outputs[slices.Index(targets, t)])
	})
	for i, t := range targets {
		if outputs[i].Len() == 0 && err != nil {
			continue
		}
		if shown := v.section(t, outputs[i].String()); shown != nil {
			return shown
		}
	}
	return err
}

// section prints the log of a target.
func (v logView) section(t session.Target, text string) error {
	switch {
	case v.p.opener.asJSON:
		_, err := io.WriteString(v.events(t), text)
		return err
	case text == "":
		text = "no lines"
	}
	return v.p.console.rawSection(v.kind, t.String(), text)
}

func (v logView) events(t session.Target) logLines {
	return logLines{v.p.opener.tryEmit, t, v.split}
}

func (v logView) run(ctx context.Context, h remote.Host, t session.Target, out *session.Buffer) error {
	var complaint session.Tail
	v.p.console.shown(t, v.line(t))
	c := session.Command{Line: v.line(t), Stdout: out, Stderr: &complaint}
	return explained(c.Run(ctx, h), complaint.String())
}

// follow merges the logs of all targets as they come, until the operator has seen enough.
func (v logView) follow(ctx context.Context, targets []session.Target) error {
	out, errs := session.Merge(v.p.console.ui().Out()), session.Merge(v.p.sys.Err)
	err := session.Each(ctx, v.fleet, targets, func(ctx context.Context, h remote.Host, t session.Target) error {
		v.p.console.shown(t, v.line(t))
		lines, said := v.source(out, t), errs.From(t.String()+": ")
		err := session.Command{Line: v.line(t), Stdout: lines, Stderr: said}.Run(ctx, h)
		return errors.Join(err, lines.Flush(), said.Flush())
	})
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return exitError(exitInterrupted)
	}
	return err
}

// source returns where the lines of a target go.
func (v logView) source(out *session.Merged, t session.Target) *session.Source {
	if v.p.opener.asJSON {
		return session.Merge(v.events(t)).From("")
	}
	return out.From(v.prefix(t))
}

func (v logView) prefix(t session.Target) string {
	if v.p.globals.quiet {
		return ""
	}
	return t.String() + ": "
}

// complaintError is a command that failed and said why.
type complaintError struct {
	text string
	err  error
}

func (e *complaintError) Error() string { return e.text }
func (e *complaintError) Unwrap() error { return e.err }

// explained puts what a command said before the bare status of its end.
func explained(err error, said string) error {
	var exit *remote.ExitError
	if said = strings.TrimSpace(said); said == "" || !errors.As(err, &exit) {
		return err
	}
	return &complaintError{said, err}
}
