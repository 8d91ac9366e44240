package cli

import "github.com/spf13/cobra"

func (in *invocation) appContainersCommand() *cobra.Command {
	return in.containerList("containers", "Show all containers of the app, those that have stopped too", true)
}
