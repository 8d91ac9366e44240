package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func registryRemoveCommand(p *program) *cobra.Command {
	return registryCommand("remove", "Log out of the registry or, without one, remove the images on this machine", p.opener.look, workflow.LogoutRegistry)
}
