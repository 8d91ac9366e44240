package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
)

func configCommand(p *program) *cobra.Command {
	var asJSON, schema bool
	c := &cobra.Command{
		Use: "config", Short: "Show the configuration after merging and defaults, without secrets", Args: noArgs,
		Long: `Show the configuration after merging and defaults, without secrets. settings has all keys in
force, by their paths in the file. -v also shows where each comes from: file and line, the
environment variables used, or the default.

--schema prints a JSON Schema of the file instead, with which editors complete and check it: name its
path in the first line of config/deploy.yml, as mrsk init does.`,
		Example: "  mrsk config -d staging\n  mrsk config -v | grep app_port\n  mrsk config --json | jq -r .absolute_image\n  mrsk config --schema > .mrsk/deploy.schema.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if schema {
				return p.console.write(config.Schema())
			}
			c, version, err := p.opener.load(cmd, needs{})
			if err != nil {
				return err
			}
			tell(p.opener.sink(), c.Project.Notices)
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
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of config/deploy.yml")
	return c
}
