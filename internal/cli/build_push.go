package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) buildPushCommand() *cobra.Command {
	o := workflow.DeployOptions{Project: in.sys.Dir}
	c := in.building(&o, "push", "Build the image and push it to the registry",
		"Build the image of the checkout's version and push it to the registry, round the hooks pre-build\nand post-push. The hosts are left alone.",
		func(ctx context.Context, r *workflow.Run) error { return r.PushImage(ctx, o) })
	outputFlag(c, &o, "registry")
	return c
}
