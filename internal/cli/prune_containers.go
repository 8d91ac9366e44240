package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
)

func pruneContainersCommand(p *program) *cobra.Command {
	what := deploy.What{Containers: true}
	c := &cobra.Command{
		Use: "containers", Short: "Remove stopped containers of versions that are not kept", Args: noArgs,
		Long: `Remove stopped containers. For each role the last container of the newest healthy versions stays,
and the container that ran last. Deploying one version again does not remove other versions.`,
		Example: "  mrsk prune containers\n  mrsk prune containers --retain 2",
		RunE:    func(cmd *cobra.Command, _ []string) error { return prune(p, cmd, what) },
	}
	c.Flags().IntVar(&what.Retain, "retain", 0, "how many other versions to keep per role (default: retain_containers)")
	return c
}
