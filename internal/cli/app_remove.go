package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
)

func (in *invocation) appRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remove", Short: "Remove the app's containers, routes and images", Args: noArgs,
		Long: `Stop and remove the app's containers and take it out of the proxy. Its images are
removed on hosts where no role of it stays. The audit log stays.`,
		Example: "  mrsk app remove\n  mrsk app remove --hosts web2",
		RunE:    func(cmd *cobra.Command, _ []string) error { return in.changeState(cmd, deploy.RemoveApp) },
	}
}
