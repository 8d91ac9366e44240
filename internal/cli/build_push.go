package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func buildPushCommand(p *program) *cobra.Command {
	o := workflow.BuildOptions{Project: p.sys.Dir}
	c := building(p, &o, "push", "Build the image and push it to the registry",
		"Build the image of the checkout's version and push it to the registry. The hooks pre-build and\npost-push run. The hosts do not change.",
		workflow.PushImage)
	outputFlag(c, &o, "registry")
	return c
}
