package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
	"mrsk/internal/observe"
	"mrsk/internal/workflow"
)

func (in *invocation) accessoryDetailsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "details NAME", Short: "Show the containers of accessories on their hosts", Args: oneArg("the accessory"),
		ValidArgsFunction: in.accessoryNames("all"),
		Example:           "  mrsk accessory details db\n  mrsk accessory details all --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return in.onAccessories(cmd, args[0], onlyKeys, func(r workflow.Env) error {
				seen, err := seenOn(cmd.Context(), r, r.Scope.AccessoryHosts(), observe.Want{Accessories: true})
				all := []inspect.Accessory{}
				for _, h := range seen {
					all = append(all, inspect.AccessoriesOf(r.Scope, h)...)
				}
				return told(all, err, func(all []inspect.Accessory) error {
					if asJSON {
						return in.json(all)
					}
					return in.showAccessories(all)
				})
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func (in *invocation) showAccessories(all []inspect.Accessory) error {
	now := in.sys.Now()
	for _, a := range all {
		if err := in.section("Accessory "+a.Name, a.Host, a.Text(now)); err != nil {
			return err
		}
	}
	return nil
}
