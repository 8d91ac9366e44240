package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func accessoryBootCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "boot NAME", Short: "Start accessories on the hosts where they do not run", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Bring the accessory's directories and files to its hosts, start its container, and wait until it
is up: until its health check says so or, without one, until it has been running for
readiness_delay. Behind the proxy it gets requests once it answers.

Where the accessory runs already, nothing is done; one that has stopped is started again. When a
container is not what the configuration asks for, that is told.`,
		Example: "  mrsk accessory boot db\n  mrsk accessory boot all --hosts db1",
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeAccessories(p, cmd, args[0], workflow.BootAccessories)
		},
	}
}
