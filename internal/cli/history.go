package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/facts"
	"mrsk/internal/inspect"
	"mrsk/internal/observe"
)

// auditLines is how much of each audit log is read. It has a line for each role of a deploy, and one for
// each command that someone has run.
const auditLines = 2000

func historyCommand(p *program) *cobra.Command {
	var asJSON bool
	var last int
	c := &cobra.Command{
		Use: "history", Short: "Show deploys, rollbacks and failures of all hosts, newest first", Args: noArgs,
		Long: `Show which versions were brought to the hosts: when, by whom, how long the hosts worked on it, and how
it ended. A run that failed on one host and went back on all is one line. It comes from the audit logs of
the hosts, which mrsk audit shows as they are.`,
		Example: "  mrsk history\n  mrsk history -n 5\n  mrsk history --json | jq '.runs[0].version'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if last < 1 {
				return usageError{err: errors.New("--number must be 1 or more")}
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			seen, err := observeOn(cmd.Context(), r, r.Scope.AppHosts(), observe.Want{Audit: auditLines})
			return told(seen, err, func(seen []facts.Host) error {
				history := inspect.HistoryOf(seen).Last(last)
				if asJSON {
					return p.console.json(history)
				}
				return p.console.show(history.Text())
			})
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().IntVarP(&last, "number", "n", 20, "how many to show")
	return c
}
