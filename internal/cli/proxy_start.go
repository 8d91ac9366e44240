package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func proxyStartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Start the proxy's container", Args: noArgs,
		Long:    `Start the proxy's container if it has stopped. A host without one is an error.`,
		Example: "  mrsk proxy start\n  mrsk proxy start --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := startsProxies(p, cmd)
			if err != nil {
				return err
			}
			return workflow.StartProxies(cmd.Context(), r)
		},
	}
}
