package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func secretsPrintCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "print", Short: "Print all secrets of the secrets files, with their values", Args: noArgs,
		Long: `Print all secrets of the secrets files as KEY=VALUE, with their values. This runs the commands in
the files.`,
		Example: "  mrsk secrets print -d staging",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := p.opener.load(cmd, needs{})
			if err != nil {
				return err
			}
			all, err := p.secrets.of(cmd.Context(), c.Project).All()
			if err != nil {
				return err
			}
			var text strings.Builder
			for _, s := range all {
				text.WriteString(s.Key + "=" + s.Value.Reveal() + "\n")
			}
			return p.console.write(text.String())
		},
	}
}
