package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
)

func (in *invocation) traefikDetailsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "details", Short: "Show the proxy of every host and its routes", Args: noArgs,
		Example: "  mrsk traefik details\n  mrsk traefik details --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			hosts, err := in.details(cmd, false)
			return told(hosts, err, func(hosts []inspect.Host) error {
				if asJSON {
					return in.json(hosts)
				}
				return in.showProxies(hosts)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
