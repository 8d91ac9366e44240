package cli

import "github.com/spf13/cobra"

func appContainersCommand(p *program) *cobra.Command {
	return containerList(p, "containers", "Show all containers of the app, including stopped ones", true)
}
