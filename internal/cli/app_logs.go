package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/app"
	"mrsk/internal/session"
	"mrsk/internal/shell"
)

func appLogsCommand(p *program) *cobra.Command {
	var flags logFlags
	var container string
	c := &cobra.Command{
		Use: "logs", Short: "Show the logs of the app's containers", Args: noArgs,
		Long: `Show the logs of the app's containers on the selected hosts and roles. If none runs, show the log
of the one that ran last. --follow shows new lines of all hosts, each with its host, until Ctrl-C.
If a deploy replaces a container, the log of the new one follows.`,
		Example: `  mrsk app logs --since 10m --grep ERROR
  mrsk app logs -f --roles workers
  mrsk app logs -n 1000 -T -q --primary >web.log
  mrsk app logs --json | jq -r 'select(.type == "log").text'`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			logs, err := flags.logs()
			if err != nil {
				return err
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			view := logView{p: p, kind: "App", fleet: r.Fleet, line: func(t session.Target) shell.Line {
				if container != "" {
					return logs.Of(shell.Lit(container))
				}
				return app.Logs(r.Scope.Project, t.Role, logs)
			}}
			targets := roleTargets(r.Scope)
			if container != "" { // it is on a host, whatever role it has
				targets = hostTargets(r.Scope.AppHosts())
			}
			return flags.show(cmd.Context(), view, targets)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&container, "container-id", "", "show the log of this container instead")
	return emits(p, c)
}
