package cli

import (
	"cmp"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
)

func appVersionCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Show the version that runs on every host", Args: noArgs,
		Example: "  mrsk app version\n  mrsk app version -q --primary\n  mrsk app version --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			seen, err := observeApp(cmd.Context(), r)
			return told(seen, err, func(seen []facts.Host) error {
				if asJSON {
					return p.console.json(runningVersions(r.Scope, seen))
				}
				return sections(p.console, "App", func(h facts.Host) (string, string) {
					version := deploy.RunningVersion(r.Scope, h, r.Scope.RolesOn(h.Name)[0])
					return h.Name, cmp.Or(version, "nothing runs")
				})(seen)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// running is the version of a role on a host.
type running struct {
	Host    string  `json:"host"`
	Role    string  `json:"role"`
	Version *string `json:"version"` // null where nothing runs
}

func runningVersions(c *config.Scope, seen []facts.Host) []running {
	out := []running{}
	for _, h := range seen {
		for _, role := range c.RolesOn(h.Name) {
			entry := running{Host: h.Name, Role: role.Name}
			if v := deploy.RunningVersion(c, h, role); v != "" {
				entry.Version = &v
			}
			out = append(out, entry)
		}
	}
	return out
}
