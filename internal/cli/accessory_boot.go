package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func accessoryBootCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "boot NAME", Short: "Start accessories on the hosts where they do not run", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Create the accessory's directories, copy its files, start its container, and wait until it is up:
until its health check succeeds or, without one, until it has run for readiness_delay. Behind the
proxy it gets requests once it answers.

A running accessory is not touched; a note says if it differs from the configuration. A stopped
one is started again. One that runs without the network mrsk is replaced.`,
		Example: "  mrsk accessory boot db\n  mrsk accessory boot all --hosts db1",
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeAccessories(p, cmd, args[0], workflow.BootAccessories)
		},
	}
}
