package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func accessoryStartCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "start NAME", Short: "Start the containers of accessories that have stopped", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Start the existing container and wait until it is up. Behind the proxy it gets requests once it
answers. A container that never ran is replaced by a new one.`,
		Example: "  mrsk accessory start db",
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeAccessories(p, cmd, args[0], workflow.StartAccessories)
		},
	}
}
