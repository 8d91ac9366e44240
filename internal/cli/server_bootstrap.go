package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func serverBootstrapCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "bootstrap", Short: "Install Docker where it is missing", Args: noArgs,
		Long: `Install Docker on hosts that lack it, as root or with sudo or doas: with the
script of get.docker.com or, on Alpine and on a Debian or Ubuntu that cannot reach that, the
package of the distribution. Start it, let the user who logs in use it, and run the hook
docker-setup.`,
		Example: "  mrsk server bootstrap\n  mrsk server bootstrap --hosts web3",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.opener.change(cmd, workflow.Bootstrap) },
	}
}
