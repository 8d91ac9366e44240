package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) registryRemoveCommand() *cobra.Command {
	return in.registryCommand("remove", "Log out of the registry or, without one, remove the images that are kept on this machine", in.look, workflow.LogoutRegistry)
}
