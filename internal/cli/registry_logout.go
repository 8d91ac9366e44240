package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func registryLogoutCommand(p *program) *cobra.Command {
	open := func(cmd *cobra.Command) (workflow.Env, error) { return askingWho(p.opener.look(cmd)) }
	return registryCommand("logout", "Log out of the registry, here and on the hosts", open, workflow.LogoutRegistry)
}
