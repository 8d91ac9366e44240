package cli

import "github.com/spf13/cobra"

func (in *invocation) serverGroup() *cobra.Command {
	return group("server", "Work on the hosts themselves",
		in.serverBootstrapCommand(),
		in.serverExecCommand(),
	)
}
