package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
	"mrsk/internal/workflow"
)

func (in *invocation) buildGroup() *cobra.Command {
	return group("build", "Build the image and bring it to the hosts",
		in.buildPushCommand(),
		in.buildPullCommand(),
		in.buildDeliverCommand(),
		in.buildDevCommand(),
		in.buildCreateCommand(),
		spelledOut(in.buildRemoveCommand()),
		in.buildDetailsCommand(),
	)
}

// building is a command that builds.
func (in *invocation) building(o *workflow.BuildOptions, use, short, long string, build func(context.Context, workflow.Env, workflow.BuildOptions) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: noArgs,
		Example: "  mrsk build " + use + "\n  mrsk build " + use + " --no-cache",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.open(cmd)
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
	c.Flags().StringVar(&o.Output, "output", standard, "what becomes of the image, as docker buildx build --output=type=… names it")
}

// builder is a command that looks after the builder on this machine.
func (in *invocation) builder(use, short string, do func(context.Context, *image.Build) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArgs, Example: "  mrsk build " + use,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.look(cmd)
			if err != nil {
				return err
			}
			b, err := workflow.Builder(cmd.Context(), r, in.sys.Dir)
			if err != nil {
				return err
			}
			return do(cmd.Context(), b)
		},
	}
}
