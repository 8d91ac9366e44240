package cli

import "github.com/spf13/cobra"

func appGroup(p *program) *cobra.Command {
	return group("app", "Manage the app's containers",
		spelledOut(appBootCommand(p)),
		appStartCommand(p),
		appStopCommand(p),
		appMaintenanceCommand(p),
		appLiveCommand(p),
		appDetailsCommand(p),
		appContainersCommand(p),
		appImagesCommand(p),
		appVersionCommand(p),
		appLogsCommand(p),
		appExecCommand(p),
		appStaleContainersCommand(p),
		spelledOut(appRemoveCommand(p)),
	)
}
