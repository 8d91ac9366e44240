package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func (in *invocation) buildDevCommand() *cobra.Command {
	o := workflow.DeployOptions{Project: in.sys.Dir}
	c := in.building(&o, "dev", "Build the image of the working tree, for this machine",
		"Build the image of the working tree, changes that are not committed included, and leave it with\nthe local docker. Its tags end with -dirty. No registry, host or hook has to do with it.",
		func(ctx context.Context, r *workflow.Run) error { return r.BuildDev(ctx, o) })
	outputFlag(c, &o, "docker")
	return c
}
