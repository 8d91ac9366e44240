package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) registryLoginCommand() *cobra.Command {
	open := func(cmd *cobra.Command) (workflow.Env, error) { return askingWho(in.openFor(cmd, false)) }
	return in.registryCommand("login", "Log in to the registry, here and on the hosts", open, workflow.LoginRegistry)
}

// askingWho refuses a registry that is on this machine: nobody logs in there.
func askingWho(r workflow.Env, err error) (workflow.Env, error) {
	if err != nil || !r.Scope.Project.Registry.Local() {
		return r, err
	}
	return r, usageError{
		err:  fmt.Errorf("the registry %s is mrsk's own, where nobody logs in", r.Scope.Project.Registry.Server),
		hint: "mrsk registry setup starts it, mrsk registry remove removes it",
	}
}
