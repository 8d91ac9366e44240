package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/accessory"
	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/workflow"
)

func accessoryLogsCommand(p *program) *cobra.Command {
	var flags logFlags
	c := &cobra.Command{
		Use: "logs NAME", Short: "Show the logs of an accessory", Args: oneArg("the accessory"),
		Long: `Show the logs of an accessory, of all its hosts that are chosen. With --follow the lines of
all hosts come as one stream, each with its host before it, until Ctrl-C; when a new container takes
the place of the old one, its log comes next.`,
		Example:           "  mrsk accessory logs db --since 10m --grep ERROR\n  mrsk accessory logs cache -f",
		ValidArgsFunction: accessoryNames(p),
		RunE: func(cmd *cobra.Command, args []string) error {
			logs, err := flags.logs()
			if err != nil {
				return err
			}
			return onAccessories(p, cmd, args[0], onlyKeys, func(r workflow.Env) error {
				a, err := oneAccessory(r, args[0])
				if err != nil {
					return err
				}
				view := logView{p: p, kind: "Accessory " + a.Name, fleet: r.Fleet, line: func(session.Target) shell.Line {
					return accessory.Logs(a, logs)
				}}
				if flags.follow {
					return view.follow(cmd.Context(), hostTargets(a.Hosts))
				}
				return view.show(cmd.Context(), hostTargets(a.Hosts))
			})
		},
	}
	flags.add(c)
	return c
}
