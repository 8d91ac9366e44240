package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func (in *invocation) setupCommand() *cobra.Command {
	o, yes := workflow.DeployOptions{Verb: "setup", Project: in.sys.Dir}, false
	c := &cobra.Command{
		Use: "setup", Short: "Make bare servers ready and deploy to them", Args: noArgs,
		Long: `Install Docker where it is missing, run the hook docker-setup, boot the accessories, and
deploy. On servers that are ready, with accessories that run, it does what deploy does.`,
		Example: "  mrsk setup\n  mrsk setup --skip-push --version 1.4.2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.openSetup(cmd)
			if err != nil {
				return err
			}
			r.Confirm = in.consent(yes)
			if err := r.Bootstrap(cmd.Context()); err != nil {
				return err
			}
			return r.Setup(cmd.Context(), o)
		},
	}
	deployFlags(c, &o)
	yesFlag(c, &yes)
	return c
}

// openSetup is open for the app and its accessories.
func (in *invocation) openSetup(cmd *cobra.Command) (*workflow.Run, error) {
	r, err := in.start(cmd, opening{needsVersion: true, resolve: (*config.Scope).ResolveAll, pages: true})
	if err != nil {
		return nil, err
	}
	in.tell(r.Scope.Project.Notices)
	r.Files, err = in.accessoryFiles(cmd.Context(), r.Scope)
	return r, err
}
