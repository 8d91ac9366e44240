package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
)

func pruneImagesCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "images", Short: "Remove images of versions that are not kept", Args: noArgs,
		Long: `Remove the app's images that no container needs, except that of the version deployed last. If no
container shows that another version was healthy, all tagged images stay.`,
		Example: "  mrsk prune images",
		RunE:    func(cmd *cobra.Command, _ []string) error { return prune(p, cmd, deploy.What{Images: true}) },
	}
}
