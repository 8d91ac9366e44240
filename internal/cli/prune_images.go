package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
)

func (in *invocation) pruneImagesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "images", Short: "Remove images that no container needs", Args: noArgs,
		Long:    "Remove the app's images that no container needs, but that of the version deployed last.",
		Example: "  mrsk prune images",
		RunE:    func(cmd *cobra.Command, _ []string) error { return in.prune(cmd, deploy.What{Images: true}) },
	}
}
