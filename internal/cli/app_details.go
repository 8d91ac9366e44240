package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
)

func appDetailsCommand(p *program) *cobra.Command {
	return containerList(p, "details", "Show the app's running containers on every host", false)
}

// containerList is a command that shows containers: those that run, or all.
func containerList(p *program, use, short string, all bool) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: use, Short: short, Args: noArgs,
		Example: "  mrsk app " + use + "\n  mrsk app " + use + " --json --roles web",
		RunE: func(cmd *cobra.Command, _ []string) error {
			hosts, err := details(p, cmd, all)
			return told(hosts, err, func(hosts []inspect.Host) error {
				if asJSON {
					return p.console.json(hosts)
				}
				return showContainers(p.console, hosts)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
