package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/inspect"
	"mrsk/internal/observe"
	"mrsk/internal/workflow"
)

func accessoryDetailsCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "details NAME", Short: "Show the containers of accessories on their hosts", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Example:           "  mrsk accessory details db\n  mrsk accessory details all --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return onAccessories(p, cmd, args[0], config.Needs{}, func(r workflow.Env) error {
				seen, err := observeOn(cmd.Context(), r, r.Scope.AccessoryHosts(), observe.Want{Accessories: true})
				all := []inspect.Accessory{}
				for _, h := range seen {
					all = append(all, inspect.AccessoriesOf(r.Scope, h)...)
				}
				return told(all, err, func(all []inspect.Accessory) error {
					if asJSON {
						return p.console.json(all)
					}
					return showAccessories(p.console, all)
				})
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func showAccessories(c *console, all []inspect.Accessory) error {
	now := c.sys.Now()
	for _, a := range all {
		if err := c.section("Accessory "+a.Name, a.Host, a.Text(now)); err != nil {
			return err
		}
	}
	return nil
}
