package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func buildDevCommand(p *program) *cobra.Command {
	o := workflow.BuildOptions{Project: p.sys.Dir}
	c := building(p, &o, "dev", "Build the image of the working tree, for this machine",
		"Build the image of the working tree, including uncommitted changes, for the local docker. Its tags\nend with -dirty. This uses no registry, host or hook.",
		workflow.BuildDev)
	outputFlag(c, &o, "docker")
	return c
}
