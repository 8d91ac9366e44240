package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func appRemoveCommand(p *program) *cobra.Command {
	var departed []string
	c := &cobra.Command{
		Use: "remove", Short: "Remove the app's containers, routes and images", Args: noArgs,
		Long: `Stop and remove the app's containers and routes. Its images are removed on hosts where none of its
roles stays. The audit log stays.

A host that left the configuration keeps serving. mrsk plan and mrsk deploy name such hosts;
--departed removes the app from them.`,
		Example: "  mrsk app remove\n  mrsk app remove --hosts web2\n  mrsk app remove --departed 192.0.2.12",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(departed) == 0 {
				return p.opener.change(cmd, workflow.RemoveApp)
			}
			r, err := onDeparted(p, cmd, departed)
			if err != nil {
				return err
			}
			return workflow.RemoveApp(cmd.Context(), r)
		},
	}
	c.Flags().StringSliceVar(&departed, "departed", nil, "work on these hosts that left the configuration (comma list)")
	return c
}

// onDeparted makes a run on hosts that the configuration no longer has.
func onDeparted(p *program, cmd *cobra.Command, hosts []string) (workflow.Env, error) {
	if len(p.globals.hosts) > 0 || len(p.globals.roles) > 0 || p.globals.primary {
		return workflow.Env{}, usageError{err: errors.New("--departed does not go with --hosts, --roles or --primary")}
	}
	narrowed := func(c *config.Scope) (*config.Scope, error) {
		left, err := c.Project.Departed(hosts)
		if err != nil {
			return nil, usageError{err: err, hint: "use --hosts for hosts of the configuration"}
		}
		return left, nil
	}
	return p.opener.start(cmd, needs{pick: narrowed})
}
