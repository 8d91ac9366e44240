package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The width of help in columns: that of the terminal within these limits. A pipe gets the widest.
const (
	narrowest = 40
	widest    = 100
)

// often are the options of all commands that every help shows.
var often = []string{"destination", "hosts", "roles", "verbose"}

// helpPage renders the help of commands.
type helpPage struct{ width int }

func (p *program) helpPage() helpPage {
	if !p.sys.OutTerminal {
		return helpPage{widest}
	}
	width, _ := p.sys.Size()
	if width <= 0 {
		return helpPage{widest}
	}
	return helpPage{min(max(width, narrowest), widest)}
}

// text is the help of a command or a group.
func (h helpPage) text(c *cobra.Command) string {
	parts := []string{h.about(c), h.usage(c), h.commands(c)}
	if c.HasExample() {
		parts = append(parts, "Examples:\n"+c.Example+"\n")
	}
	if own := c.LocalNonPersistentFlags(); own.HasAvailableFlags() {
		parts = append(parts, "Options:\n"+h.options(own, nil))
	}
	if !c.HasSubCommands() {
		parts = append(parts, "More options (see mrsk help options):\n"+h.options(c.Root().PersistentFlags(), often), h.exits(c))
	} else {
		footer := fmt.Sprintf("%s COMMAND --help explains a command, mrsk help options the options of all commands.", c.CommandPath())
		parts = append(parts, wrap(footer, h.width, "", "")+"\n")
	}
	return strings.Join(nonEmpty(parts), "\n")
}

func nonEmpty(parts []string) (all []string) {
	for _, part := range parts {
		if part != "" {
			all = append(all, part)
		}
	}
	return all
}

func (h helpPage) about(c *cobra.Command) string {
	if c.Long != "" {
		return reflow(c.Long, h.width) + "\n"
	}
	return wrap(c.Short+".", h.width, "", "") + "\n"
}

func (h helpPage) usage(c *cobra.Command) string {
	line := usageLine(c)
	if c.HasSubCommands() {
		line = c.CommandPath() + " COMMAND [options]"
	}
	text := "Usage:\n" + wrap(line, h.width, "  ", "    ") + "\n"
	if len(c.Aliases) > 0 {
		text += "\nOther names:\n  " + strings.Join(c.Aliases, ", ") + "\n"
	}
	return text
}

// usageLine is the command with what it takes.
func usageLine(c *cobra.Command) string {
	line := strings.TrimSuffix(c.UseLine(), " [flags]")
	if c.HasAvailableLocalFlags() || c.HasAvailableInheritedFlags() {
		line += " [options]"
	}
	return line
}

// commands lists the commands below c, by group if there are groups.
func (h helpPage) commands(c *cobra.Command) string {
	if !c.HasSubCommands() {
		return ""
	}
	if len(c.Groups()) == 0 {
		return "Commands:\n" + listing(rowsOf(c, ""), h.width)
	}
	var parts []string
	for _, g := range c.Groups() {
		parts = append(parts, g.Title+":\n"+listing(rowsOf(c, g.ID), h.width))
	}
	return strings.Join(parts, "\n")
}

// rowsOf are the commands below c in a group, in their order.
func rowsOf(c *cobra.Command, group string) (rows []row) {
	for _, child := range c.Commands() {
		if child.GroupID == group && (child.IsAvailableCommand() || child.Name() == "help") {
			rows = append(rows, row{child.Name(), child.Short})
		}
	}
	return rows
}

// options lists those of a set that are named, or all.
func (h helpPage) options(set *pflag.FlagSet, named []string) string {
	shown := set
	if named != nil {
		shown = pflag.NewFlagSet("", pflag.ContinueOnError)
		for _, name := range named {
			shown.AddFlag(set.Lookup(name))
		}
	}
	return listing(optionRows(shown), h.width)
}

// optionRows are the options of a set as rows, with their defaults.
func optionRows(set *pflag.FlagSet) (rows []row) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		value, about := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" {
			about += " (default " + f.DefValue + ")"
		}
		rows = append(rows, row{name, about})
	})
	return rows
}

// globals explains the options of all commands.
func (h helpPage) globals(root *cobra.Command) string {
	return "Options of all commands:\n" + h.options(root.PersistentFlags(), nil)
}

func (h helpPage) exits(c *cobra.Command) string {
	var rows []row
	for _, e := range exitStatuses(c) {
		rows = append(rows, row{e.code.String(), e.meaning})
	}
	return "Exit status:\n" + listing(rows, h.width)
}
