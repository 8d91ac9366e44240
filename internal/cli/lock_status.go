package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/facts"
	"mrsk/internal/inspect"
	"mrsk/internal/observe"
)

func lockStatusCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "status", Short: "Show who has locked the app", Args: noArgs,
		Long:    "Show who works on the app now, and whether someone has locked it.",
		Example: "  mrsk lock status\n  mrsk lock status --json | jq length",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			seen, err := observeOn(cmd.Context(), r, r.Scope.Hosts(), observe.Want{Locks: true})
			return told(seen, err, func(seen []facts.Host) error { return showLocks(p.console, inspect.Locks(seen), asJSON) })
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func showLocks(c *console, locks []inspect.Lock, asJSON bool) error {
	switch {
	case asJSON:
		return c.json(locks)
	case len(locks) == 0:
		return c.show("There is no lock\n")
	}
	for _, l := range locks {
		if err := c.show("Locked on " + strings.Join(l.Hosts, ", ") + "\n" + l.Text() + "\n"); err != nil {
			return err
		}
	}
	return nil
}
