package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func accessoryStopCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "stop NAME", Short: "Stop accessories; behind the proxy, clients get 502", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Take the accessory out of the proxy, if it is behind one, wait for the requests in flight,
and stop its container. It stays stopped after a reboot of the host.`,
		Example: "  mrsk accessory stop db\n  mrsk accessory stop all --hosts db1",
		RunE: func(cmd *cobra.Command, args []string) error {
			return onAccessories(p, cmd, args[0], config.Needs{}, func(r workflow.Env) error {
				return workflow.StopAccessories(cmd.Context(), r)
			})
		},
	}
}
