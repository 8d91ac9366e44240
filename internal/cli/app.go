package cli

import "github.com/spf13/cobra"

func appGroup(p *program) *cobra.Command {
	return group("app", "Manage the app's containers",
		spelledOut(emits(p, appBootCommand(p))),
		emits(p, appStartCommand(p)),
		emits(p, appStopCommand(p)),
		emits(p, appMaintenanceCommand(p)),
		emits(p, appLiveCommand(p)),
		appDetailsCommand(p),
		appContainersCommand(p),
		appImagesCommand(p),
		appVersionCommand(p),
		appLogsCommand(p),
		appExecCommand(p),
		appStaleContainersCommand(p),
		spelledOut(emits(p, appRemoveCommand(p))),
	)
}
