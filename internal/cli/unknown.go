package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// unknown shows the help of a group that is called without a command, and refuses words that
// are none of its commands.
func unknown(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath())
	hint := fmt.Sprintf("%s --help lists the commands", c.CommandPath())
	c.SuggestionsMinimumDistance = 2 // letters that may be wrong
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError{err: err, hint: hint}
}

// noArgs and oneArg check the number of words; cobra's own checks know no hints.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{err: fmt.Errorf("%s takes no arguments, found %q", c.CommandPath(), args[0])}
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{err: fmt.Errorf("%s takes one argument, %s; found %d", c.CommandPath(), what, len(args))}
		}
		return nil
	}
}
