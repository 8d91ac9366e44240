package cli

import (
	"github.com/spf13/cobra"
)

func (in *invocation) traefikRebootCommand() *cobra.Command {
	var yes, rolling bool
	c := &cobra.Command{
		Use: "reboot", Short: "Put a new proxy container in the place of the old one", Args: noArgs,
		Long: `Put a new proxy container, with today's image and options, in the place of the old one.
Routes and certificates stay. The proxy is down for a moment: with --rolling on one host after the
other, so that a load balancer has somewhere to go. The hooks pre-proxy-reboot and
post-proxy-reboot run round each batch.`,
		Example: "  mrsk traefik reboot\n  mrsk traefik reboot --rolling -y",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.startsProxies(cmd)
			if err != nil {
				return err
			}
			sure, err := in.confirm(cmd.Context(), yes, "Reboot the proxy? It is down for a moment, for all apps of a host.")
			if err != nil || !sure {
				return err
			}
			return r.RebootProxies(cmd.Context(), rolling)
		},
	}
	yesFlag(c, &yes)
	c.Flags().BoolVar(&rolling, "rolling", false, "one host after the other")
	return c
}
