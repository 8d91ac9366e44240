package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

func (in *invocation) auditCommand() *cobra.Command {
	return &cobra.Command{
		Use: "audit", Short: "Show the last 50 lines of each host's audit log", Args: noArgs,
		Example: "  mrsk audit\n  mrsk audit -q --primary | grep Booted",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.look(cmd)
			if err != nil {
				return err
			}
			const step = "read the audit log"
			read := server.ShowAudit(r.Scope.Project, "50").Add(shell.Raw("2>/dev/null")).Or(shell.Text(":"))
			all, err := r.Ask(cmd.Context(), r.Scope.Hosts(), plan.Step{Name: step, Run: read, Captured: true, VerboseOnly: true})
			return told(answered(r.Scope.Hosts(), err), err, sections(in, "App", func(host string) (string, string) {
				return host, string(all[host].Get(step).Stdout)
			}))
		},
	}
}
