package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func buildPullCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "pull", Short: "Pull the image from the registry on all hosts", Args: noArgs,
		Example: "  mrsk build pull\n  mrsk build pull --version 1.4.2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.open(cmd)
			if err != nil {
				return err
			}
			return workflow.PullImage(cmd.Context(), r)
		},
	}
}
