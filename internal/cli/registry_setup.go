package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/rollout"
)

func (in *invocation) registrySetupCommand() *cobra.Command {
	open := func(cmd *cobra.Command) (*rollout.Run, error) { return in.openFor(cmd, false) }
	return in.registryCommand("setup", "Log in to the registry, or start it here where it is on localhost", open, (*rollout.Run).Login)
}
