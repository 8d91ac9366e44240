package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func buildDevCommand(p *program) *cobra.Command {
	o := workflow.BuildOptions{Project: p.sys.Dir}
	c := building(p, &o, "dev", "Build the image of the working tree, for this machine",
		"Build the image of the working tree, changes that are not committed included, and leave it with\nthe local docker. Its tags end with -dirty. No registry, host or hook has to do with it.",
		workflow.BuildDev)
	outputFlag(c, &o, "docker")
	return c
}
