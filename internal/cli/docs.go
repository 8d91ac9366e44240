package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
)

func docsCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "docs [SECTION]", Short: "Show the keys of the configuration, or of a section of it",
		Long:    "Show the keys of the configuration, or of a section and its nested sections.\n\nThe sections: " + strings.Join(config.DocSections(), ", ") + ".",
		Example: "  mrsk docs\n  mrsk docs proxy",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noArgs(c, args[1:])
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return behind(typed, config.DocSections()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := config.Docs(strings.Join(args, ""))
			if err != nil {
				return usageError{err: err}
			}
			return p.console.show(text)
		},
	}
}
