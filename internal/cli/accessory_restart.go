package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func accessoryRestartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "restart NAME", Short: "Stop accessories and start them again, with the newest image", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Pull the image, stop the container, and start it again. If there is a newer image or the
configuration has changed, a new container replaces it. Nothing stops if the image cannot be
pulled. To restart without a pull, use mrsk accessory stop and start.`,
		Example: "  mrsk accessory restart db\n  mrsk accessory restart all",
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeAccessories(p, cmd, args[0], workflow.RestartAccessories)
		},
	}
}
