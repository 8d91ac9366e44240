package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func removeCommand(p *program) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove", Short: "Remove the app, its accessories, and the proxy where no other app needs it", Args: noArgs,
		Long: `Remove the app's containers, routes and images from the servers, its accessories with the data in
their folders, and the logins to registries. Remove the proxy with its certificates if no other
app uses it. The audit log stays. It is not an error if nothing is installed.`,
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
