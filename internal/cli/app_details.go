package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
)

func (in *invocation) appDetailsCommand() *cobra.Command {
	return in.containerList("details", "Show the app's running containers on every host", false)
}

// containerList is a command that shows containers: those that run, or all.
func (in *invocation) containerList(use, short string, all bool) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: use, Short: short, Args: noArgs,
		Example: "  mrsk app " + use + "\n  mrsk app " + use + " --json --roles web",
		RunE: func(cmd *cobra.Command, _ []string) error {
			hosts, err := in.details(cmd, all)
			return told(hosts, err, func(hosts []inspect.Host) error {
				if asJSON {
					return in.json(hosts)
				}
				return in.showContainers(hosts)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
