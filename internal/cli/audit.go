package cli

import (
	"io"

	"github.com/spf13/cobra"

	"mrsk/internal/server"
	"mrsk/internal/session"
	"mrsk/internal/workflow"
)

func auditCommand(p *program) *cobra.Command {
	return emits(p, &cobra.Command{
		Use: "audit", Short: "Show the last 50 lines of each host's audit log", Args: noArgs,
		Example: "  mrsk audit\n  mrsk audit -q --primary | grep Booted",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			all, err := workflow.AuditLog(cmd.Context(), r)
			return told(answered(r.Scope.Hosts(), err), err, p.auditView(all))
		},
	})
}

// auditView returns a function that shows the audit logs of hosts.
func (p *program) auditView(logs map[string]string) func(hosts []string) error {
	if !p.opener.asJSON {
		return sections(p.console, "App", func(host string) (string, string) { return host, logs[host] })
	}
	return func(hosts []string) error {
		for _, host := range hosts {
			to := logLines{p.opener.tryEmit, session.Target{Host: host}, server.SplitAudit}
			if _, err := io.WriteString(to, logs[host]); err != nil {
				return err
			}
		}
		return nil
	}
}
