package cli

import (
	"github.com/spf13/cobra"
)

func (in *invocation) configCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "config", Short: "Show the configuration after merging and defaults, without secrets", Args: noArgs,
		Example: "  mrsk config -d staging\n  mrsk config --json | jq -r .absolute_image",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, version, err := in.load(cmd, opening{})
			if err != nil {
				return err
			}
			in.tell(c.Notices)
			view := c.Shown(version)
			render := view.YAML
			if asJSON {
				render = view.JSON
			}
			text, err := render()
			if err != nil {
				return err
			}
			return in.write(string(text))
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
