package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func traefikStartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Start the proxy's container", Args: noArgs,
		Long:    `Start the proxy's container if it has stopped. A host without one is an error.`,
		Example: "  mrsk traefik start\n  mrsk traefik start --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.opener.change(cmd, workflow.StartProxies)
		},
	}
}
