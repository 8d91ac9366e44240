package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func proxyBootCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "boot", Short: "Make sure that the proxy runs", Args: noArgs,
		Long: `Make sure that the proxy runs: create it if there is none, start it if it has stopped. A running
proxy is not changed, even if it differs from the configuration; use reboot for that. The
certificates of a role's first host are copied to its other hosts.`,
		Example: "  mrsk proxy boot\n  mrsk proxy boot --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := startsProxies(p, cmd)
			if err != nil {
				return err
			}
			return workflow.BootProxies(cmd.Context(), r)
		},
	}
}
