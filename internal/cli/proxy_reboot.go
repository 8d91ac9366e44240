package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func proxyRebootCommand(p *program) *cobra.Command {
	var o workflow.ReplaceProxyOptions
	c := &cobra.Command{
		Use: "reboot", Short: "Put a new proxy container in the place of the old one", Args: noArgs,
		Long: `Replace the proxy's container by a new one with the current image and options. Routes and
certificates stay. The proxy is down for a moment. With --rolling one host reboots after the
other, so that a load balancer always has a host. The hooks pre-proxy-reboot and post-proxy-reboot
run before and after each batch.`,
		Example: "  mrsk proxy reboot\n  mrsk proxy reboot --rolling -y",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := startsProxies(p, cmd)
			if err != nil {
				return err
			}
			return workflow.RebootProxies(cmd.Context(), r, o)
		},
	}
	yesFlag(c, &o.Confirmed)
	c.Flags().BoolVar(&o.Rolling, "rolling", false, "one host after the other")
	return c
}
