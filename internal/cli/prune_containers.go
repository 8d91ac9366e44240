package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
)

func (in *invocation) pruneContainersCommand() *cobra.Command {
	what := deploy.What{Containers: true}
	c := &cobra.Command{
		Use: "containers", Short: "Remove stopped containers but the newest of each role", Args: noArgs,
		Example: "  mrsk prune containers\n  mrsk prune containers --retain 2",
		RunE:    func(cmd *cobra.Command, _ []string) error { return in.prune(cmd, what) },
	}
	c.Flags().IntVar(&what.Retain, "retain", 0, "how many to keep per role (default: retain_containers)")
	return c
}
