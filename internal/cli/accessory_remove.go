package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func accessoryRemoveCommand(p *program) *cobra.Command {
	var yes, keep bool
	c := &cobra.Command{
		Use: "remove NAME", Short: "Remove accessories, with the data in their folders", Args: oneArg("the accessory"),
		ValidArgsFunction: accessoryNames(p, "all"),
		Long: `Stop and remove the accessory's container, its route and its image, and the folder with its files
and directories, including its data. Volumes and directories at absolute paths stay.`,
		Example: "  mrsk accessory remove cache\n  mrsk accessory remove db -y --keep-data",
		RunE: func(cmd *cobra.Command, args []string) error {
			return onAccessories(p, cmd, args[0], config.Needs{}, func(r workflow.Env) error {
				return workflow.RemoveAccessories(cmd.Context(), r, workflow.RemoveAccessoriesOptions{KeepData: keep, Confirmed: yes})
			})
		},
	}
	yesFlag(c, &yes)
	c.Flags().BoolVar(&keep, "keep-data", false, "keep the folder with files and directories")
	return c
}
