package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func traefikBootCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "boot", Short: "Make sure that the proxy runs", Args: noArgs,
		Long: `Make sure that the proxy runs: run it where there is none, start it where it has stopped. One that
runs is left as it is, also when the configuration asks for another one; reboot changes that. Certificates that the first
host of a role has got come to the others.`,
		Example: "  mrsk traefik boot\n  mrsk traefik boot --hosts web2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := startsProxies(p, cmd)
			if err != nil {
				return err
			}
			return workflow.BootProxies(cmd.Context(), r)
		},
	}
}
