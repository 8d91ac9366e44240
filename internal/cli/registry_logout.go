package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) registryLogoutCommand() *cobra.Command {
	open := func(cmd *cobra.Command) (workflow.Env, error) { return askingWho(in.look(cmd)) }
	return in.registryCommand("logout", "Log out of the registry, here and on the hosts", open, workflow.LogoutRegistry)
}
