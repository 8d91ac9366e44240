package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func treeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "tree", Short: "Show all commands", Args: noArgs,
		Example: "  mrsk tree",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.console.show(branches(cmd.Root(), 0))
		},
	}
}

// branches lists the commands below c, a line each, those of a group under it.
func branches(c *cobra.Command, depth int) string {
	var b strings.Builder
	for _, child := range c.Commands() {
		if !child.IsAvailableCommand() {
			continue
		}
		name := strings.Repeat("  ", depth) + child.Name()
		b.WriteString(name + strings.Repeat(" ", max(1, 24-len(name))) + child.Short + "\n")
		b.WriteString(branches(child, depth+1))
	}
	return b.String()
}
