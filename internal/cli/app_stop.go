package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func appStopCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "Stop the app's containers; clients get 502", Args: noArgs,
		Long: `Take the app out of the proxy, wait for the requests in flight, and stop its containers.
Clients get 502 until the app starts again.`,
		Example: "  mrsk app stop\n  mrsk app stop --hosts web2",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.opener.change(cmd, workflow.StopApp) },
	}
}
