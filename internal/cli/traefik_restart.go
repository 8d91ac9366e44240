package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func traefikRestartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "restart", Short: "Stop the proxy's container and start it again", Args: noArgs,
		Long:    `Stop the proxy's container and start it again. Changed options of the configuration need a reboot.`,
		Example: "  mrsk traefik restart\n  mrsk traefik restart --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.opener.change(cmd, workflow.RestartProxies)
		},
	}
}
