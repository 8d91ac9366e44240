package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func buildDeliverCommand(p *program) *cobra.Command {
	o := workflow.BuildOptions{Project: p.sys.Dir}
	return building(p, &o, "deliver", "Build the image, push it, and pull it on all hosts",
		"Build the image, push it to the registry, and pull it on all hosts: what a deploy does before it\nchanges anything.",
		workflow.DeliverImage)
}
