package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/workflow"
)

func appStaleContainersCommand(p *program) *cobra.Command {
	var stop bool
	c := &cobra.Command{
		Use: "stale-containers", Aliases: []string{"stale_containers"}, Args: noArgs,
		Short:   "Show containers that run and should not, or stop them",
		Long:    "Show containers that a killed run left running beside the one that serves. A deploy stops them, too.",
		Example: "  mrsk app stale-containers\n  mrsk app stale-containers --stop",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if stop {
				return p.opener.change(cmd, workflow.StopStale)
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			seen, err := observeApp(cmd.Context(), r)
			return told(seen, err, sections(p.console, "App", func(h facts.Host) (string, string) {
				return h.Name, staleNames(r.Scope, h)
			}))
		},
	}
	c.Flags().BoolVarP(&stop, "stop", "s", false, "stop them")
	return c
}

func staleNames(c *config.Scope, h facts.Host) string {
	text := ""
	for _, role := range c.RolesOn(h.Name) {
		for _, k := range deploy.Stale(c, h, role) {
			text += k.Name + "\n"
		}
	}
	if text == "" {
		return "no stale containers"
	}
	return text
}
