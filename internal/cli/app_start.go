package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func appStartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Start the containers that ran last, and send them requests", Args: noArgs,
		Long: `Start the container of each role that ran last. Requests go there once it is healthy on all hosts.
A container that does not become healthy is stopped again.`,
		Example: "  mrsk app start\n  mrsk app start --roles workers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.openWithoutVersion(cmd) // the route may need a certificate out of the secrets
			if err != nil {
				return err
			}
			return workflow.StartApp(cmd.Context(), r)
		},
	}
}
