package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

// upgradeCommand is there twice: as a command of its own, and among those of the proxy.
func upgradeCommand(p *program, called string) *cobra.Command {
	var o workflow.ReplaceProxyOptions
	c := &cobra.Command{
		Use: "upgrade", Short: "Put mrsk's proxy in the place of kamal-proxy, or of an older Traefik", Args: noArgs,
		Long: `Replace kamal-proxy or an older Traefik by mrsk's proxy. The app's containers do not change and
keep serving. The new proxy starts beside the old one and must reach each container. Then it takes
over the ports, on all hosts together. If a host fails, all hosts go back to their old proxy. At
the end the old proxy is removed. Hosts without an old proxy do not change.

While the ports change hands, iptables leads new connections to the new proxy, and the old one has
10 seconds to finish its requests. This needs iptables on the host, and root, or sudo or doas
without a password. Otherwise the host refuses connections until the old proxy has stopped and for
one or two seconds more. With --rolling one host follows the other, so that a load balancer always
has a host. The hooks pre-proxy-reboot and post-proxy-reboot run before and after each batch.

Certificates that the old proxy got by ACME for the names of the app are copied.
If the old proxy also serves another app, the host refuses and names it.`,
		Example: "  " + called + "\n  " + called + " --rolling -y",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.start(cmd, needs{secrets: config.Needs{App: true, Accessories: true, AllProxies: true}, pages: true})
			if err != nil {
				return err
			}
			tell(p.opener.sink(), r.Scope.Project.Notices)
			return workflow.UpgradeProxies(cmd.Context(), r, o)
		},
	}
	yesFlag(c, &o.Confirmed)
	c.Flags().BoolVar(&o.Rolling, "rolling", false, "one host after the other")
	return c
}
