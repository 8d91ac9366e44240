package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func setupCommand(p *program) *cobra.Command {
	o := workflow.SetupOptions{DeployOptions: workflow.DeployOptions{Verb: "setup", BuildOptions: workflow.BuildOptions{Project: p.sys.Dir}}}
	c := &cobra.Command{
		Use: "setup", Short: "Make bare servers ready and deploy to them", Args: noArgs,
		Long: `Install Docker where it is missing, run the hook docker-setup, boot the accessories, and deploy.
On servers that are set up already it is the same as deploy.`,
		Example: "  mrsk setup\n  mrsk setup --skip-push --version 1.4.2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.start(cmd, needs{rollsOut: true, version: true, secrets: config.Needs{App: true, Accessories: true}, pages: true})
			if err != nil {
				return err
			}
			tell(p.opener.sink(), r.Scope.Project.Notices)
			if o.Files, err = accessoryFiles(p, r); err != nil {
				return err
			}
			return workflow.Setup(cmd.Context(), r, o)
		},
	}
	deployFlags(c, &o.DeployOptions)
	return c
}
