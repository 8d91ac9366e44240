package cli

import "github.com/spf13/cobra"

// commandGroup is a part of the list of commands in the help.
type commandGroup struct {
	title    string
	commands []*cobra.Command
}

// commandGroups is the command tree, in the order of the help.
func commandGroups(p *program) []commandGroup {
	return []commandGroup{
		{"Deploy", []*cobra.Command{
			spelledOut(traces(reports(p, emits(p, setupCommand(p))))),
			spelledOut(traces(reports(p, emits(p, deployCommand(p))))),
			spelledOut(traces(reports(p, emits(p, redeployCommand(p))))),
			planCommand(p),
			spelledOut(traces(reports(p, emits(p, rollbackCommand(p))))),
			spelledOut(emits(p, syncCommand(p))),
			buildGroup(p),
		}},
		{"Look", []*cobra.Command{
			yields(statusCommand(p)),
			yields(historyCommand(p)),
			yields(explainCommand(p)),
			shortcut("app", appLogsCommand(p)),
			yields(openCommand(p)),
			yields(doctorCommand(p)),
			detailsCommand(p),
			auditCommand(p),
		}},
		{"Operate", []*cobra.Command{
			shortcut("app", appExecCommand(p)),
			appGroup(p),
			accessoryGroup(p),
			proxyGroup(p),
			serverGroup(p),
			lockGroup(p),
			pruneGroup(p),
			spelledOut(emits(p, upgradeCommand(p, "mrsk upgrade"))),
			spelledOut(emits(p, removeCommand(p))),
		}},
		{"Configure", []*cobra.Command{
			initCommand(p),
			configCommand(p),
			docsCommand(p),
			secretsGroup(p),
			registryGroup(p),
			completionGroup(p),
			treeCommand(p),
			versionCommand(p),
		}},
	}
}

// addCommands adds all commands to root, each with its group.
func addCommands(root *cobra.Command, groups []commandGroup) {
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
}
