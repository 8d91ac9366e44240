package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/facts"
	"mrsk/internal/fleet"
	"mrsk/internal/inspect"
	"mrsk/internal/ui"
	"mrsk/internal/workflow"
)

// watchInterval is the time between two looks of status --watch.
const watchInterval = 3 * time.Second

// statusView is the screen of status.
type statusView struct {
	p             *program
	r             workflow.Env
	asJSON, watch bool
}

func statusCommand(p *program) *cobra.Command {
	v := statusView{p: p}
	c := &cobra.Command{
		Use: "status", Short: "Show what runs on all hosts, and what differs from the configuration", Args: noArgs,
		Long: `Show each role with its version, since when it runs and who brought it, the hosts with proxy and disk,
the accessories, certificates and locks. Equal hosts share a line. Below it stands what differs from the
configuration or between hosts, or is not healthy, each with the command that changes it.

With --watch the screen is drawn again every three seconds, until Ctrl-C. The connections stay open.

docs/status.md lists the fields of --json and the kinds of drift.`,
		Example: "  mrsk status\n  mrsk status --watch\n  mrsk status -q && echo steady\n  mrsk status --json | jq -r '.drift[].what'",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if v.r, err = p.opener.look(cmd); err != nil {
				return err
			}
			if v.watch {
				return v.repeat(cmd.Context())
			}
			return v.once(cmd.Context())
		},
	}
	jsonFlag(c, &v.asJSON)
	c.Flags().BoolVarP(&v.watch, "watch", "w", false, "draw it again every three seconds, until Ctrl-C")
	return exitsWith(c, exitsOfStatus)
}

func (v statusView) once(ctx context.Context) error {
	s, seen, err := v.look(ctx)
	err = told(seen, err, func([]facts.Host) error { return v.show("", s) })
	if err == nil && !s.Steady() {
		return exitError(exitDiffers)
	}
	return err
}

// repeat shows hosts that do not answer as part of the status: they may come back.
func (v statusView) repeat(ctx context.Context) error {
	clearScreen := ""
	if v.p.sys.OutTerminal && !v.asJSON {
		clearScreen = "\x1b[H\x1b[2J"
	}
	for {
		v.r.Observer.Forget()
		s, _, err := v.look(ctx)
		var lost *fleet.Error
		switch {
		case ctx.Err() != nil:
			return exitError(exitInterrupted)
		case err != nil && !errors.As(err, &lost):
			return err
		}
		if err := v.show(clearScreen, s); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return exitError(exitInterrupted)
		case <-time.After(watchInterval):
		}
	}
}

// look asks the hosts. The error is about those that did not answer.
func (v statusView) look(ctx context.Context) (inspect.Status, []facts.Host, error) {
	seen, err := observeOn(ctx, v.r, v.r.Scope.Hosts(), inspect.StatusWant)
	return inspect.StatusOf(v.r.Scope, seen, unreachable(err), v.p.sys.Now()), seen, err
}

func unreachable(err error) []inspect.Unreachable {
	var failed *fleet.Error
	var lost []inspect.Unreachable
	if errors.As(err, &failed) {
		for _, h := range failed.Hosts {
			first, _, _ := strings.Cut(h.Err.Error(), "\n")
			lost = append(lost, inspect.Unreachable{Host: h.Host, Error: first})
		}
	}
	return lost
}

// show writes the status, behind what clears the screen. With -q the exit status alone tells.
func (v statusView) show(before string, s inspect.Status) error {
	switch {
	case v.asJSON:
		return v.p.console.json(s)
	case v.p.globals.quiet:
		return nil
	}
	return v.p.console.write(before + ui.Clean(s.Text(v.p.sys.Now())))
}
