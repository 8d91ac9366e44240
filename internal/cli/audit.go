package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func auditCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "audit", Short: "Show the last 50 lines of each host's audit log", Args: noArgs,
		Example: "  mrsk audit\n  mrsk audit -q --primary | grep Booted",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			all, err := workflow.AuditLog(cmd.Context(), r)
			return told(answered(r.Scope.Hosts(), err), err, sections(p.console, "App", func(host string) (string, string) {
				return host, all[host]
			}))
		},
	}
}
