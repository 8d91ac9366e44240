package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
	"mrsk/internal/workflow"
)

func buildGroup(p *program) *cobra.Command {
	return group("build", "Build the image and bring it to the hosts",
		buildPushCommand(p),
		buildPullCommand(p),
		buildDeliverCommand(p),
		buildDevCommand(p),
		buildCreateCommand(p),
		spelledOut(buildRemoveCommand(p)),
		buildDetailsCommand(p),
	)
}

// building is a command that builds.
func building(p *program, o *workflow.BuildOptions, use, short, long string, build func(context.Context, workflow.Env, workflow.BuildOptions) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: noArgs,
		Example: "  mrsk build " + use + "\n  mrsk build " + use + " --no-cache",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.open(cmd)
			if err != nil {
				return err
			}
			return build(cmd.Context(), r, *o)
		},
	}
	c.Flags().BoolVar(&o.NoCache, "no-cache", false, "build without the builder's cache")
	return c
}

// outputFlag adds --output.
func outputFlag(c *cobra.Command, o *workflow.BuildOptions, standard string) {
	c.Flags().StringVar(&o.Output, "output", standard, "where the image goes: a type of docker buildx build --output")
}

// builder is a command that looks after the builder on this machine.
func builder(p *program, use, short string, do func(context.Context, *image.Build) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArgs, Example: "  mrsk build " + use,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			b, err := workflow.Builder(cmd.Context(), r, p.sys.Dir)
			if err != nil {
				return err
			}
			return do(cmd.Context(), b)
		},
	}
}
