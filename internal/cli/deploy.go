package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
	"mrsk/internal/workflow"
)

func deployCommand(p *program) *cobra.Command {
	return deployLike(p, "deploy", "Build the image and roll it out to the servers")
}

func redeployCommand(p *program) *cobra.Command {
	return deployLike(p, "redeploy", "Deploy to servers that are set up already")
}

func deployLike(p *program, verb, short string) *cobra.Command {
	o := workflow.DeployOptions{Verb: verb, BuildOptions: workflow.BuildOptions{Project: p.sys.Dir}}
	c := &cobra.Command{
		Use: verb, Short: short, Args: noArgs,
		Long: short + `.

Before a host that serves requests no longer does, because a role has moved away from it or is no
longer behind the proxy, the command asks; without a terminal it needs -y. What a deploy would do, and
ask, is shown by mrsk plan.`,
		Example: "  mrsk " + verb + "\n  mrsk " + verb + " -d staging --skip-push --version 1.4.2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.open(cmd)
			if err != nil {
				return err
			}
			return workflow.Deploy(cmd.Context(), r, o)
		},
	}
	deployFlags(c, &o)
	return c
}

func deployFlags(c *cobra.Command, o *workflow.DeployOptions) {
	c.Flags().BoolVarP(&o.SkipPush, "skip-push", "P", false, "neither build nor push: the image is in the registry")
	c.Flags().BoolVar(&o.NoCache, "no-cache", false, "build without the builder's cache")
	yesFlag(c, &o.Confirmed)
}

func rollbackCommand(p *program) *cobra.Command {
	var list, yes bool
	c := &cobra.Command{
		Use: "rollback VERSION", Short: "Go back to a version whose image is on the servers", Args: cobra.ArbitraryArgs,
		ValidArgsFunction: versions(p.sys.Dir),
		Long: `Roll out a version that was deployed before. It goes through the same steps and gates as
a deploy, without a build; env and options are those of today's configuration.

The beginning of a version will do when no other version on the servers begins with it. With --list
the command shows those that are on the servers, newest first, with what has become of them, and
changes nothing. Hooks that run before the servers were asked get the version as it was typed.`,
		Example: "  mrsk rollback --list\n  mrsk rollback 6f4d9e1",
		RunE: func(cmd *cobra.Command, args []string) error {
			if list && len(args) == 0 {
				return listVersions(p, cmd)
			}
			if err := oneArg("the version")(cmd, args); err != nil {
				return err
			}
			r, err := p.opener.openVersion(cmd, args[0])
			if err != nil {
				return err
			}
			return workflow.Rollback(cmd.Context(), r, workflow.RollbackOptions{Confirmed: yes})
		},
	}
	c.Flags().BoolVar(&list, "list", false, "list the versions that are on the servers")
	yesFlag(c, &yes)
	return c
}

// listVersions shows which versions are on the hosts.
func listVersions(p *program, cmd *cobra.Command) error {
	r, err := p.opener.look(cmd)
	if err != nil {
		return err
	}
	versions, err := workflow.ListVersions(cmd.Context(), r)
	if err != nil {
		return err
	}
	return p.console.show(deploy.VersionTable(versions))
}
