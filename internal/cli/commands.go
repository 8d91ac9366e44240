package cli

import "github.com/spf13/cobra"

// commands is the command tree.
func commands(p *program) []*cobra.Command {
	return []*cobra.Command{
		initCommand(p),
		spelledOut(setupCommand(p)),
		spelledOut(deployCommand(p)),
		spelledOut(redeployCommand(p)),
		spelledOut(rollbackCommand(p)),
		planCommand(p),
		detailsCommand(p),
		auditCommand(p),
		configCommand(p),
		docsCommand(p),
		spelledOut(removeCommand(p)),
		spelledOut(upgradeCommand(p, "mrsk upgrade")),
		versionCommand(p),
		treeCommand(p),
		appGroup(p),
		accessoryGroup(p),
		traefikGroup(p),
		buildGroup(p),
		registryGroup(p),
		lockGroup(p),
		pruneGroup(p),
		serverGroup(p),
		secretsGroup(p),
	}
}
