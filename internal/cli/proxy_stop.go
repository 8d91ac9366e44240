package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func proxyStopCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "Stop the proxy: nothing answers on its ports", Args: noArgs,
		Long: `Stop the proxy for all apps of the host. It finishes requests in flight. After that nothing
answers on its ports.`,
		Example: "  mrsk proxy stop\n  mrsk proxy stop --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.opener.change(cmd, workflow.StopProxies)
		},
	}
}
