package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func registrySetupCommand(p *program) *cobra.Command {
	open := func(cmd *cobra.Command) (workflow.Env, error) { return p.opener.openFor(cmd, false) }
	return registryCommand("setup", "Log in to the registry; without one there is nothing to set up", open, workflow.LoginRegistry)
}
