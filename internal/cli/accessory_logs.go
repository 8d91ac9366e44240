package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/workflow"
)

func accessoryLogsCommand(p *program) *cobra.Command {
	var flags logFlags
	c := &cobra.Command{
		Use: "logs NAME", Short: "Show the logs of an accessory", Args: oneArg("the accessory"),
		Long: `Show the logs of an accessory on its selected hosts. --follow shows new lines of all hosts, each
with its host, until Ctrl-C. If a new container replaces the old one, its log follows.`,
		Example:           "  mrsk accessory logs db --since 10m --grep ERROR\n  mrsk accessory logs cache -f",
		ValidArgsFunction: accessoryNames(p),
		RunE: func(cmd *cobra.Command, args []string) error {
			logs, err := flags.logs()
			if err != nil {
				return err
			}
			return onAccessories(p, cmd, args[0], config.Needs{}, func(r workflow.Env) error {
				a, err := oneAccessory(r, args[0])
				if err != nil {
					return err
				}
				view := logView{p: p, kind: "Accessory " + a.Name, fleet: r.Fleet, line: func(session.Target) shell.Line {
					return accessory.Logs(a, logs)
				}}
				return flags.show(cmd.Context(), view, hostTargets(a.Hosts))
			})
		},
	}
	flags.add(c)
	return emits(p, c)
}
