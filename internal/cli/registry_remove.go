package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) registryRemoveCommand() *cobra.Command {
	return in.registryCommand("remove", "Log out of the registry, or remove the one on localhost with its images", in.look, workflow.LogoutRegistry)
}
