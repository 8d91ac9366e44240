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
	var kept string
	o := workflow.DeployOptions{Verb: verb, BuildOptions: workflow.BuildOptions{Project: p.sys.Dir}}
	c := &cobra.Command{
		Use: verb, Short: short, Args: noArgs,
		Long: short + `.

The command asks before a host stops serving requests because a role has moved away from it or is
no longer behind the proxy. Without a terminal it then needs -y. mrsk plan shows what a deploy
would do and ask.`,
		Example: "  mrsk " + verb + "\n  mrsk " + verb + " -d staging --skip-push --version 1.4.2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			saved, err := keptPlan(kept)
			if err != nil {
				return err
			}
			r, err := p.opener.openRollout(cmd, "")
			if err != nil {
				return err
			}
			o.Saved = saved
			return workflow.Deploy(cmd.Context(), r, o)
		},
	}
	deployFlags(c, &o)
	confirmFlag(c, &o.Ask)
	skipFlag(c, &o.SkipUnreachable)
	c.Flags().StringVar(&kept, "plan", "", "carry out the plan in this file of mrsk plan --out without asking, or fail if something has changed since")
	return c
}

// skipFlag is for commands that change versions.
func skipFlag(c *cobra.Command, skip *bool) {
	c.Flags().BoolVar(skip, "skip-unreachable", false, "leave out servers that cannot be reached; mrsk sync brings them to the version of the others")
}

// confirmFlag is for commands that change versions.
func confirmFlag(c *cobra.Command, ask *bool) {
	c.Flags().BoolVar(ask, "confirm", false, "show what changes, as mrsk plan does, and ask before containers or routes change")
}

func deployFlags(c *cobra.Command, o *workflow.DeployOptions) {
	c.Flags().BoolVarP(&o.SkipPush, "skip-push", "P", false, "do not build or push: the image is in the registry")
	c.Flags().BoolVar(&o.NoCache, "no-cache", false, "build without the builder's cache")
	yesFlag(c, &o.Confirmed)
}

func rollbackCommand(p *program) *cobra.Command {
	var list bool
	var o workflow.RollbackOptions
	c := &cobra.Command{
		Use: "rollback VERSION", Short: "Go back to a version whose image is on the servers", Args: cobra.ArbitraryArgs,
		ValidArgsFunction: versions(p.sys.Dir),
		Long: `Roll out a version that was deployed before. It takes the same steps as a deploy, without a build.
Env and options are those of the current configuration.

The beginning of a version is enough if it is unambiguous. --list shows the versions on the
servers and their state, newest first, and changes nothing. Hooks that run before the servers are
asked get the version as typed.`,
		Example: "  mrsk rollback --list\n  mrsk rollback 6f4d9e1",
		RunE: func(cmd *cobra.Command, args []string) error {
			if list && len(args) == 0 {
				return listVersions(p, cmd)
			}
			if err := oneArg("the version")(cmd, args); err != nil {
				return err
			}
			r, err := p.opener.openRollout(cmd, args[0])
			if err != nil {
				return err
			}
			return workflow.Rollback(cmd.Context(), r, o)
		},
	}
	c.Flags().BoolVar(&list, "list", false, "list the versions that are on the servers")
	confirmFlag(c, &o.Ask)
	skipFlag(c, &o.SkipUnreachable)
	yesFlag(c, &o.Confirmed)
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
