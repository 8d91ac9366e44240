package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

func proxyLogsCommand(p *program) *cobra.Command {
	var flags logFlags
	c := &cobra.Command{
		Use: "logs", Short: "Show the logs of the proxy", Args: noArgs,
		Long: `Show the logs of the proxy on all selected hosts. --follow shows new lines of all hosts, each with
its host, until Ctrl-C.`,
		Example: "  mrsk proxy logs --since 10m\n  mrsk proxy logs -f --grep ERR",
		RunE: func(cmd *cobra.Command, _ []string) error {
			logs, err := flags.logs()
			if err != nil {
				return err
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			view := logView{p: p, kind: "Proxy", fleet: r.Fleet, line: func(session.Target) shell.Line { return traefik.Logs(logs) }}
			return flags.show(cmd.Context(), view, hostTargets(r.Scope.ProxyHosts()))
		},
	}
	flags.add(c)
	return emits(p, c)
}
