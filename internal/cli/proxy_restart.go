package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func proxyRestartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "restart", Short: "Stop the proxy's container and start it again", Args: noArgs,
		Long:    `Stop the proxy's container and start it again. Changed options of the configuration need a reboot.`,
		Example: "  mrsk proxy restart\n  mrsk proxy restart --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := startsProxies(p, cmd)
			if err != nil {
				return err
			}
			return workflow.RestartProxies(cmd.Context(), r)
		},
	}
}
