package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func appLiveCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "live", Short: "End the maintenance: requests reach the app again", Args: noArgs,
		Long:    "Route requests to the app's containers again, and end app maintenance.",
		Example: "  mrsk app live\n  mrsk app live --roles web",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			return workflow.EndMaintenance(cmd.Context(), r)
		},
	}
}
