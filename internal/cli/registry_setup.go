package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) registrySetupCommand() *cobra.Command {
	open := func(cmd *cobra.Command) (workflow.Env, error) { return in.openFor(cmd, false) }
	return in.registryCommand("setup", "Log in to the registry; without one there is nothing to set up", open, workflow.LoginRegistry)
}
