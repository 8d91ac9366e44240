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
		Long: `Bring hosts on which Kamal or an older MRSK deployed the app over to mrsk's proxy. The containers
of the app stay as they are, and go on serving: the new proxy starts beside the former one, and
has to reach each of them; then it takes the ports over, on all hosts together. Where a host
fails, all of them go back to the proxy that they had. In the end the former proxy is removed.
Hosts without one are left alone.

While the ports change hands new connections are led to the new proxy, and the former one has 10
seconds to answer what it has begun. That takes iptables on the host, and root, or sudo or doas
without a password; else the host refuses connections for a second or two, and as long as the
former proxy takes to end. With --rolling one host comes after the other, so that a load balancer
has somewhere to go. The hooks pre-proxy-reboot and post-proxy-reboot run round each batch.

Certificates that the former proxy got by ACME for the names of the app are carried over.
Where the former proxy also serves another app, the host refuses, and says which.`,
		Example: "  " + called + "\n  " + called + " --rolling -y",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.start(cmd, needs{resolve: (*config.Scope).ResolveAll, pages: true})
			if err != nil {
				return err
			}
			p.console.tell(r.Scope.Project.Notices)
			return workflow.UpgradeProxies(cmd.Context(), r, o)
		},
	}
	yesFlag(c, &o.Confirmed)
	c.Flags().BoolVar(&o.Rolling, "rolling", false, "one host after the other")
	return c
}
