package cli

import "github.com/spf13/cobra"

func configCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "config", Short: "Show the configuration after merging and defaults, without secrets", Args: noArgs,
		Long: `Show the configuration after merging and defaults, without secrets. settings has all keys in
force, by their paths in the file. -v also shows where each comes from: file and line, the
environment variables used, or the default.`,
		Example: "  mrsk config -d staging\n  mrsk config -v | grep app_port\n  mrsk config --json | jq -r .absolute_image",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, version, err := p.opener.load(cmd, needs{})
			if err != nil {
				return err
			}
			p.console.tell(c.Project.Notices)
			view := c.Shown(version, p.globals.verbose)
			render := view.YAML
			if asJSON {
				render = view.JSON
			}
			text, err := render()
			if err != nil {
				return err
			}
			return p.console.write(string(text))
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
