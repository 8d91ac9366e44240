package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func registryLoginCommand(p *program) *cobra.Command {
	open := func(cmd *cobra.Command) (workflow.Env, error) { return askingWho(p.opener.openWithoutVersion(cmd)) }
	return registryCommand("login", "Log in to the registry, here and on the hosts", open, workflow.LoginRegistry)
}

// askingWho refuses to log in where images are kept on this machine.
func askingWho(r workflow.Env, err error) (workflow.Env, error) {
	if err != nil || !r.Scope.Project.Registry.Local() {
		return r, err
	}
	return r, usageError{
		err:  errors.New("images are kept on this machine, so there is no registry to log in to"),
		hint: "to use a registry, add registry: to the configuration",
	}
}
