package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mrsk/internal/shell"
)

// choosing are the options that choose an app and its hosts.
var choosing = []string{"config-file", "destination", "hosts", "roles", "primary"}

// chosen returns the options of a command line that choose the app and its hosts, quoted for a shell.
func chosen(cmd *cobra.Command) string {
	return shell.Quoted(optionWords(cmd.Flags(), func(name string) bool { return slices.Contains(choosing, name) })...)
}

// again returns the command line that runs a command again, quoted for a shell. A version in VERSION is part of
// it, unless the command line has one.
func (o *opener) again(cmd *cobra.Command) string {
	words := slices.Concat(
		[]string{"mrsk"}, strings.Fields(o.line.name(cmd)),
		optionWords(cmd.Flags(), func(string) bool { return true }), cmd.Flags().Args(),
	)
	line := shell.Quoted(words...)
	if version := o.sys.Getenv("VERSION"); version != "" && o.globals.version == "" && cmd.Flags().NArg() == 0 {
		line = "VERSION=" + shell.Quote(version) + " " + line
	}
	return line
}

// optionWords returns the options that were given, as words of a command line.
func optionWords(f *pflag.FlagSet, wanted func(name string) bool) []string {
	var words []string
	f.Visit(func(o *pflag.Flag) {
		if wanted(o.Name) {
			words = append(words, optionWord(o)...)
		}
	})
	return words
}

func optionWord(o *pflag.Flag) []string {
	name, value := "--"+o.Name, o.Value.String()
	if o.Value.Type() == "bool" && value == "true" {
		return []string{name}
	}
	if list, ok := o.Value.(pflag.SliceValue); ok {
		value = strings.Join(list.GetSlice(), ",")
	}
	switch {
	case o.NoOptDefVal != "":
		return []string{name + "=" + value}
	case o.Name == "config-file", o.Name == "destination":
		name = "-" + o.Shorthand
	}
	return []string{name, value}
}
