package cli

import "github.com/spf13/cobra"

func appContainersCommand(p *program) *cobra.Command {
	return containerList(p, "containers", "Show all containers of the app, those that have stopped too", true)
}
