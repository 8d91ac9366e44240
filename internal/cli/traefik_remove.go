package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func traefikRemoveCommand(p *program) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "remove", Short: "Remove the proxy from hosts where no app needs it", Args: noArgs,
		Long: `Remove the proxy's container and image. A host that has containers of apps refuses, and
says whose, unless --force is given. The volume mrsk-proxy stays, as the certificates in it cannot
be had again at will; docker volume rm mrsk-proxy removes it.`,
		Example: "  mrsk traefik remove\n  mrsk traefik remove --force --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			return workflow.RemoveProxies(cmd.Context(), r, force)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "also where apps are behind it, which nobody can reach then")
	return c
}
