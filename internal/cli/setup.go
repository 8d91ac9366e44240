package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func (in *invocation) setupCommand() *cobra.Command {
	o := workflow.SetupOptions{DeployOptions: workflow.DeployOptions{Verb: "setup", BuildOptions: workflow.BuildOptions{Project: in.sys.Dir}}}
	c := &cobra.Command{
		Use: "setup", Short: "Make bare servers ready and deploy to them", Args: noArgs,
		Long: `Install Docker where it is missing, run the hook docker-setup, boot the accessories, and
deploy. On servers that are ready, with accessories that run, it does what deploy does.`,
		Example: "  mrsk setup\n  mrsk setup --skip-push --version 1.4.2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.start(cmd, opening{needsVersion: true, resolve: (*config.Scope).ResolveAll, pages: true})
			if err != nil {
				return err
			}
			in.tell(r.Scope.Project.Notices)
			if o.Files, err = in.accessoryFiles(cmd.Context(), r.Scope); err != nil {
				return err
			}
			return workflow.Setup(cmd.Context(), r, o)
		},
	}
	deployFlags(c, &o.DeployOptions)
	return c
}
