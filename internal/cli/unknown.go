package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mrsk/internal/config"
)

// unknown shows the help of a group that is called without a command, or that is asked for with
// the word help, and refuses words that are none of its commands.
func unknown(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	if args[0] == "help" {
		if about, rest, err := c.Find(args[1:]); err == nil && len(rest) == 0 {
			return about.Help()
		}
		args = append(args[1:], "help")
	}
	err := fmt.Errorf("unknown command %.100q for %q", args[0], c.CommandPath())
	return usageError{err: err, hint: instead(c, args[0])}
}

// instead says what to type in the place of a word that is no command.
func instead(c *cobra.Command, word string) string {
	name := strings.TrimPrefix(c.CommandPath()+" "+word, "mrsk ")
	if hint := gone[strings.ReplaceAll(name, "-", "_")]; hint != "" {
		return hint
	}
	c.SuggestionsMinimumDistance = 2 // letters that may be wrong
	if word == "" || len(word) > 100 {
		return c.CommandPath() + " --help lists the commands"
	}
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return c.CommandPath() + " --help lists the commands"
}

// wrongFlag is an option that makes no sense. Behind a word that is no command it is the word that
// makes none; -h without hosts asks for help, as everywhere else.
func wrongFlag(c *cobra.Command, err error) error {
	if words := c.Flags().Args(); c.HasSubCommands() && len(words) > 0 {
		return unknown(c, words)
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		switch missing.GetSpecifiedName() {
		case "h":
			return c.Help()
		case "version":
			return usageError{err: err, hint: "mrsk version shows the version of mrsk; --version V is one of the app"}
		}
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		return usageError{err: err, hint: nearFlag(c, unknown.GetSpecifiedName())}
	}
	return misused(c, err)
}

// nearFlag says which option was probably meant.
func nearFlag(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := config.Nearest(name, names); len(name) > 1 && near != "" {
		return "did you mean --" + near + "?"
	}
	return c.CommandPath() + " --help lists the options"
}

// noArgs and oneArg check the number of words; cobra's own checks know no hints.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{
			err:  fmt.Errorf("%s takes no arguments, found %q", c.CommandPath(), args[0]),
			hint: c.CommandPath() + " --help lists the options; a destination is named with -d",
		}
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		hint := c.CommandPath() + " --help shows how it is used"
		if len(args) != 1 {
			return usageError{err: fmt.Errorf("%s takes one argument, %s; found %d", c.CommandPath(), what, len(args)), hint: hint}
		}
		if args[0] == "" {
			return usageError{err: fmt.Errorf("%s takes one argument, %s, which is empty", c.CommandPath(), what), hint: hint}
		}
		return nil
	}
}
