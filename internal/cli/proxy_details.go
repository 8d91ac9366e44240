package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
)

func proxyDetailsCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "details", Short: "Show the proxy of every host and its routes", Args: noArgs,
		Example: "  mrsk proxy details\n  mrsk proxy details --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			hosts, err := details(p, cmd, false)
			return told(hosts, err, func(hosts []inspect.Host) error {
				if asJSON {
					return p.console.json(hosts)
				}
				return showProxies(p.console, hosts)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
