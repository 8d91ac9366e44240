package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wordsHelp is how commands of the user's are read, for their help.
const wordsHelp = `A command in one quoted argument is split by the host's shell. Several arguments are passed on
unchanged. Put options of mrsk before the command: an option after the first of several arguments
belongs to the command, except those that only mrsk can have, such as --reuse, --hosts, or -d with
a destination. After an alias, options belong to mrsk; -- ends them.`

// words are those of the user's command, without the options of mrsk that stand behind its first
// word. Behind text in quotes, and behind an alias that names the command, options are mrsk's.
// Behind a plain word they are the command's, as many programs have a -p or an -i of their own,
// unless one of them tells where to run it: that must not be lost.
func (f *execFlags) words(c *cobra.Command, args []string) ([]string, error) {
	from := len(args)
	switch ofAlias := len(args) - f.p.line.alias.behind; {
	case c.ArgsLenAtDash() >= 0:
	case isText(args[0]) || f.p.loader.meant(c.Flags(), args[1:]):
		from = 1
	case f.p.line.alias.used && ofAlias > 0:
		from = ofAlias
	}
	options, rest := partOptions(c.Flags(), args[from:])
	c.Flags().SetInterspersed(true)
	if err := c.Flags().Parse(options); err != nil {
		return nil, usageError{err: err}
	}
	f.p.globals.override(f.p.line.alias.options)
	return slices.Concat(args[:from], rest), nil
}

// isText reports whether a word is a line of shell by itself.
func isText(word string) bool { return strings.ContainsAny(strings.TrimSpace(word), " \t\n") }

// unmistakable are the options that programs do not have, and that change a lot.
var unmistakable = []string{"reuse", "interactive", "detach", "raw", "primary", "hosts", "roles", "destination", "skip-hooks"}

// meant reports whether one of the options can only be meant for mrsk: by its long name, or as it
// names a destination or a role that there is.
func (l *loader) meant(f *pflag.FlagSet, words []string) bool {
	for n := 0; len(words) > 0 && words[0] != "--"; words = words[max(n, 1):] {
		name, long := strings.CutPrefix(words[0], "--")
		name, _, _ = strings.Cut(name, "=")
		n = optionLength(f, words)
		switch {
		case n > 0 && long && slices.Contains(unmistakable, string(dashes(nil, name))),
			n > 1 && words[0] == "-d" && slices.Contains(l.destinations(), words[1]),
			n > 1 && words[0] == "-r" && slices.Contains(l.roleChoices(), words[1]):
			return true
		}
	}
	return false
}

// partOptions parts the options of mrsk from other words; all are others behind --.
func partOptions(f *pflag.FlagSet, words []string) (options, others []string) {
	for len(words) > 0 && words[0] != "--" {
		n := optionLength(f, words)
		if n > 0 {
			options = append(options, words[:n]...)
		} else {
			n = 1
			others = append(others, words[0])
		}
		words = words[n:]
	}
	return options, append(others, words[min(1, len(words)):]...)
}

// optionLength is how many words the option takes that they begin with, 0 where they begin with
// none.
func optionLength(f *pflag.FlagSet, words []string) int {
	o, complete := optionIn(f, words[0])
	switch {
	case o == nil || o.Name == "help":
		return 0
	case complete || o.NoOptDefVal != "":
		return 1
	case len(words) > 1:
		return 2
	}
	return 0
}

// optionIn finds the option that a word is, and whether it has its value with it. Letters may
// share a word where none of them takes a value.
func optionIn(f *pflag.FlagSet, word string) (o *pflag.Flag, complete bool) {
	if name, long := strings.CutPrefix(word, "--"); long {
		name, _, complete = strings.Cut(name, "=")
		return f.Lookup(name), complete
	}
	letters, short := strings.CutPrefix(word, "-")
	for i := range len(letters) {
		if o = f.ShorthandLookup(letters[i : i+1]); !short || o == nil || o.NoOptDefVal == "" && len(letters) > 1 {
			return nil, false
		}
	}
	return o, false
}
