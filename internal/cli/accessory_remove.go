package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/plan"
	"mrsk/internal/workflow"
)

func (in *invocation) accessoryRemoveCommand() *cobra.Command {
	var yes, keep bool
	c := &cobra.Command{
		Use: "remove NAME", Short: "Remove accessories, with the data in their folders", Args: oneArg("the accessory"),
		ValidArgsFunction: in.accessoryNames("all"),
		Long: `Stop and remove the accessory's container, its route and its image, and the folder with its
files and directories, which holds its data. What it has in volumes and at absolute paths stays.`,
		Example: "  mrsk accessory remove cache\n  mrsk accessory remove db -y --keep-data",
		RunE: func(cmd *cobra.Command, args []string) error {
			return in.onAccessories(cmd, args[0], onlyKeys, func(r *workflow.Run) error { return in.removeAccessories(cmd, r, yes, keep) })
		},
	}
	yesFlag(c, &yes)
	c.Flags().BoolVar(&keep, "keep-data", false, "leave the folder with files and directories")
	return c
}

func (in *invocation) removeAccessories(cmd *cobra.Command, r *workflow.Run, yes, keep bool) error {
	var names []string
	for _, a := range r.Scope.Accessories {
		if len(a.Hosts) > 0 {
			names = append(names, a.Name)
		}
	}
	question := fmt.Sprintf("Remove %s from %s?", strings.Join(names, ", "), strings.Join(r.Scope.AccessoryHosts(), ", "))
	if !keep {
		question += losses(r.Scope.Accessories)
	}
	if sure, err := in.confirm(cmd.Context(), yes, question); err != nil || !sure {
		return err
	}
	return r.Change(cmd.Context(), r.Scope.AccessoryHosts(), r.AccessoryPlanner(sure(func(a deploy.Accessories) *plan.Plan {
		return deploy.RemoveAccessories(a, keep)
	})))
}

// losses says which data goes with accessories.
func losses(all []config.Accessory) string {
	text := ""
	for _, a := range all {
		if len(a.Hosts) > 0 && accessory.HasFolder(a) {
			text += fmt.Sprintf(" The folder %s goes with all data in it, on %s.", a.Service, strings.Join(a.Hosts, ", "))
		}
	}
	return text
}
