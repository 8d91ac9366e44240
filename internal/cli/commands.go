package cli

import "github.com/spf13/cobra"

// commands is the command tree.
func (in *invocation) commands() []*cobra.Command {
	return []*cobra.Command{
		in.initCommand(),
		spelledOut(in.setupCommand()),
		spelledOut(in.deployCommand()),
		spelledOut(in.redeployCommand()),
		spelledOut(in.rollbackCommand()),
		in.planCommand(),
		in.detailsCommand(),
		in.auditCommand(),
		in.configCommand(),
		in.docsCommand(),
		spelledOut(in.removeCommand()),
		spelledOut(in.upgradeCommand("mrsk upgrade")),
		in.versionCommand(),
		in.treeCommand(),
		in.appGroup(),
		in.accessoryGroup(),
		in.traefikGroup(),
		in.buildGroup(),
		in.registryGroup(),
		in.lockGroup(),
		in.pruneGroup(),
		in.serverGroup(),
		in.secretsGroup(),
	}
}
