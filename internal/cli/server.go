package cli

import "github.com/spf13/cobra"

func serverGroup(p *program) *cobra.Command {
	return group("server", "Work on the hosts themselves",
		serverBootstrapCommand(p),
		serverExecCommand(p),
	)
}
