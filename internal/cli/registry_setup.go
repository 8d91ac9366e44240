package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func registrySetupCommand(p *program) *cobra.Command {
	open := p.opener.openWithoutVersion
	return registryCommand("setup", "Log in to the registry; without one there is nothing to set up", open, workflow.LoginRegistry)
}
