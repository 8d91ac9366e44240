package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// notAbbreviated is the annotation of commands that spelledOut has marked.
const notAbbreviated = "mrsk-not-abbreviated"

// spelledOut marks commands that remove something or replace what runs. They must be typed in full:
// an abbreviation such as up could be meant for something harmless.
func spelledOut(c *cobra.Command) *cobra.Command {
	return annotate(c, notAbbreviated, "true")
}

// refuseAbbreviation fails when a command that must be typed in full was not.
func refuseAbbreviation(line *commandLine, c *cobra.Command) error {
	if _, marked := c.Annotations[notAbbreviated]; !marked {
		return nil
	}
	full := func(c *cobra.Command, typed string) bool { return c.Name() == typed || c.HasAlias(typed) }
	typed := line.commandWords()
	whole := full(c, typed[0])
	if group := c.Parent(); group.HasParent() {
		whole = full(group, typed[0]) && full(c, typed[1])
	}
	if whole {
		return nil
	}
	return usageError{
		err:  fmt.Errorf("run mrsk %.100s: what removes or replaces things cannot be abbreviated", strings.TrimSpace(typed[0]+" "+typed[1])),
		hint: "type mrsk " + line.name(c),
	}
}

// commandWords are the first two words of the command line that are no options, as cobra finds them:
// a group and its command, or a command and what it takes.
func (l *commandLine) commandWords() [2]string {
	f := optionsOf(&globals{})
	f.ParseErrorsAllowlist.UnknownFlags = true
	_ = f.Parse(l.words) // the command has parsed them without an error
	return [2]string{f.Arg(0), f.Arg(1)}
}
