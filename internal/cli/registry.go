package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func registryGroup(p *program) *cobra.Command {
	return group("registry", "Log in to the registry, log out, or remove the images kept here",
		registrySetupCommand(p),
		spelledOut(registryRemoveCommand(p)),
		registryLoginCommand(p),
		registryLogoutCommand(p),
	)
}

// registryCommand logs in or out, here and on the hosts.
func registryCommand(use, short string, open func(*cobra.Command) (workflow.Env, error),
	do func(context.Context, workflow.Env, workflow.Where) error,
) *cobra.Command {
	var skipLocal, skipRemote bool
	c := &cobra.Command{
		Use: use, Short: short, Args: noArgs,
		Example: "  mrsk registry " + use + "\n  mrsk registry " + use + " --skip-local",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := open(cmd)
			if err != nil {
				return err
			}
			return do(cmd.Context(), r, workflow.Where{Local: !skipLocal, Hosts: !skipRemote})
		},
	}
	c.Flags().BoolVarP(&skipLocal, "skip-local", "L", false, "skip this machine")
	c.Flags().BoolVarP(&skipRemote, "skip-remote", "R", false, "skip the hosts")
	return c
}
