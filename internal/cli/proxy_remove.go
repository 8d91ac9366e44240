package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func proxyRemoveCommand(p *program) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "remove", Short: "Remove the proxy from hosts where no app needs it", Args: noArgs,
		Long: `Remove the proxy's container and image. A host with containers of apps refuses and names the apps,
unless --force is given. The volume mrsk-proxy stays, because ACME servers limit how often they
issue the certificates in it; docker volume rm mrsk-proxy removes it.`,
		Example: "  mrsk proxy remove\n  mrsk proxy remove --force --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			return workflow.RemoveProxies(cmd.Context(), r, force)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "remove it even if apps use it; they become unreachable")
	return c
}
