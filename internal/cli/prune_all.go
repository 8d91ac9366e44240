package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
)

func pruneAllCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "all", Short: "Remove stopped containers and images of versions that are not kept", Args: noArgs,
		Example: "  mrsk prune all",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return prune(p, cmd, deploy.What{Containers: true, Images: true})
		},
	}
}
