package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func accessoryRebootCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "reboot NAME", Short: "Put new containers in the place of those that are there", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Pull the image, create directories, copy files, replace the container by a new one with the
current configuration. Volumes and directories keep their data.`,
		Example: "  mrsk accessory reboot db\n  mrsk accessory reboot all",
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeAccessories(p, cmd, args[0], workflow.RebootAccessories)
		},
	}
}
