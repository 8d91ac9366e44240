package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func serverBootstrapCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "bootstrap", Short: "Install Docker where it is missing", Args: noArgs,
		Long: `Install Docker on hosts that lack it, as root or with sudo or doas. It uses the script of
get.docker.com. On Alpine, and on Debian or Ubuntu without access to that site, it installs the
package of the distribution. Then it starts Docker, adds the SSH user to the group docker, and
runs the hook docker-setup.`,
		Example: "  mrsk server bootstrap\n  mrsk server bootstrap --hosts web3",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.opener.change(cmd, workflow.Bootstrap) },
	}
}
