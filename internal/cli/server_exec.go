package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/session"
	"mrsk/internal/shell"
)

func serverExecCommand(p *program) *cobra.Command {
	var flags execFlags
	c := &cobra.Command{
		Use: "exec CMD...", Short: "Run a command on the hosts themselves",
		Long: `Run a command on all selected hosts, or with --interactive only on the primary host.
The command can use your SSH agent on the hosts if ssh/forward_agent, or ForwardAgent in your
SSH configuration, allows it.

` + wordsHelp,
		Example: "  mrsk server exec 'df -h / | tail -n 1'\n  mrsk server exec -i --hosts web2 bash",
		RunE: func(cmd *cobra.Command, args []string) error {
			command, err := flags.command(cmd, args)
			if err != nil {
				return err
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			e := execution{p: p, r: r, kind: "App", flags: flags, agent: true, audit: "Executed on the host: " + command, line: func(session.Target, bool) shell.Line {
				return shell.Words(command)
			}}
			return e.run(cmd.Context(), hostTargets(r.Scope.Hosts()))
		},
	}
	flags.add(p, c)
	return c
}
