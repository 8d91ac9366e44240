package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// givesWay is the annotation of commands that yields marks.
const givesWay = "mrsk-gives-way"

// yields marks commands for which an alias of the configuration may have the same name: the alias wins.
// Projects of Kamal have such aliases, as Kamal lacks these commands.
func yields(c *cobra.Command) *cobra.Command {
	return annotate(c, givesWay, "true")
}

func annotate(c *cobra.Command, key, value string) *cobra.Command {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[key] = value
	return c
}

// shortcut makes a command of a group also one of the top level.
func shortcut(group string, c *cobra.Command) *cobra.Command {
	long, short := "mrsk "+group+" "+c.Name(), "mrsk "+c.Name()
	c.Example = strings.ReplaceAll(c.Example, long, short)
	c.Long = strings.TrimSpace(c.Long + "\n\nIt is the same as " + long + ".")
	return yields(c)
}
