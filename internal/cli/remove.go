package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func removeCommand(p *program) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove", Short: "Remove the app, its accessories, and the proxy where no other app needs it", Args: noArgs,
		Long: `Remove the app's containers, routes and images from the servers, its accessories with the
data in their folders, the proxy with its certificates where no other app is behind it, and their
logins at the registries. The audit log stays. Where nothing is installed there is nothing to do, and
that is no error.`,
		Example: "  mrsk remove\n  mrsk remove -y -d staging",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			return workflow.Remove(cmd.Context(), r, yes)
		},
	}
	yesFlag(c, &yes)
	return c
}
