package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// longestWait is what seconds on a command line may be, about three years: far under what
// overflows.
const longestWait = 100_000_000

// misused says what is wrong with an option, without the words of the parser's own functions.
func misused(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return usageError{err: err}
	}
	want := map[string]string{
		"bool": "takes true or false", "int": "takes a whole number",
		"stringSlice": "takes a list with commas between; a quote in it has to be closed",
	}[invalid.GetFlag().Value.Type()]
	if want == "" {
		return usageError{err: err}
	}
	return usageError{err: fmt.Errorf("--%s %s, found %q", invalid.GetFlag().Name, want, invalid.GetValue())}
}

// contradictory finds options that are about a change of hosts beside --list, which changes nothing.
func contradictory(c *cobra.Command) error {
	for _, name := range []string{"json", "report"} {
		if c.Flags().Changed("list") && c.Flags().Changed(name) {
			return usageError{err: fmt.Errorf("--list and --%s exclude each other", name), hint: "leave one out"}
		}
	}
	return nil
}

// emptied finds options that choose what to work on or where to write, and have nothing in them: most likely a
// variable that is not set. Without the option the command would work on everything.
func emptied(c *cobra.Command) error {
	for _, name := range []string{"config-file", "destination", "hosts", "roles", "version", "report"} {
		f := c.Flags().Lookup(name)
		if f == nil || !f.Changed {
			continue
		}
		if text := f.Value.String(); text == "" || text == "[]" {
			return usageError{err: fmt.Errorf("--%s is empty", name), hint: "give it a value, or leave it out"}
		}
	}
	return nil
}
