package cli

import "github.com/spf13/cobra"

func (in *invocation) appGroup() *cobra.Command {
	return group("app", "Manage the app's containers",
		spelledOut(in.appBootCommand()),
		in.appStartCommand(),
		in.appStopCommand(),
		in.appMaintenanceCommand(),
		in.appLiveCommand(),
		in.appDetailsCommand(),
		in.appContainersCommand(),
		in.appImagesCommand(),
		in.appVersionCommand(),
		in.appLogsCommand(),
		in.appExecCommand(),
		in.appStaleContainersCommand(),
		spelledOut(in.appRemoveCommand()),
	)
}
