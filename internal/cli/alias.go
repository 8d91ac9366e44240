package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mrsk/internal/config"
	"mrsk/internal/erb"
	"mrsk/internal/shell"
)

// expand puts the command lines of aliases in their place. An alias may begin with another one.
//
// With idle, nothing of the configuration runs.
func (in *invocation) expand(args []string, idle bool) ([]string, error) {
	for seen := []string{}; ; {
		at, typed := commandWord(args)
		if at < 0 {
			return args, nil
		}
		name := args[at]
		if slices.Contains(in.words, name) {
			in.first = name
			return args, nil
		}
		a, err := in.alias(name, typed, idle)
		if err != nil || a == nil {
			return args, err
		}
		if slices.Contains(seen, name) {
			return nil, a.Problem("leads back to itself", "")
		}
		seen = append(seen, name)
		words, err := shell.Split(a.Command)
		if err != nil {
			return nil, a.Problem(err.Error(), "")
		}
		in.typed, in.aliased, in.behind = typed, true, len(args)-at-1
		args = slices.Concat(args[:at], words, args[at+1:])
	}
}

// expandAll is expand, also for a line that the shell wants completed: its last word is not yet
// complete.
func (in *invocation) expandAll(args []string) ([]string, error) {
	if len(args) < 3 || args[0] != cobra.ShellCompRequestCmd && args[0] != cobra.ShellCompNoDescRequestCmd {
		return in.expand(args, false)
	}
	words, err := in.expand(args[1:len(args)-1], true)
	return slices.Concat(args[:1], words, args[len(args)-1:]), err
}

// alias finds an alias in the configuration that the command line names; nil is none. A word that is
// no alias may be a mistyped command, for which nothing of the configuration may run.
func (in *invocation) alias(name string, typed globals, idle bool) (*config.Alias, error) {
	opts, asked := in.idleOptions(typed)
	a, err := named(name, opts)
	unsure := a == nil && err != nil && config.Mentions(opts, name)
	switch {
	case !*asked:
		return a, err
	case idle || a == nil && !unsure:
		return a, nil
	}
	return named(name, in.loadOptions(typed))
}

func named(name string, opts config.LoadOptions) (*config.Alias, error) {
	all, err := config.Aliases(opts)
	if i := slices.IndexFunc(all, func(a config.Alias) bool { return a.Name == name }); i >= 0 {
		return &all[i], nil
	}
	return nil, err
}

// commandWord finds the first word of a command line that is no option, -1 without one, and what
// the options say that stand anywhere in the line.
func commandWord(args []string) (at int, typed globals) {
	head, all := optionsOf(&globals{}), optionsOf(&typed)
	head.SetInterspersed(false)
	if err := head.Parse(args); err != nil || head.NArg() == 0 {
		return -1, typed
	}
	// What does not make sense here may do so for the command.
	all.ParseErrorsAllowlist.UnknownFlags = true
	_ = all.Parse(args)
	return len(args) - head.NArg(), typed
}

func optionsOf(g *globals) *pflag.FlagSet {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.Usage = func() {}
	f.SetNormalizeFunc(dashes)
	g.flags(f)
	return f
}

// override lets hosts and roles that were typed behind an alias take the place of its own: those
// options gather what they are given, so that what was typed comes last.
func (in *invocation) override() {
	in.globals.hosts = overridden(in.globals.hosts, in.typed.hosts)
	in.globals.roles = overridden(in.globals.roles, in.typed.roles)
}

func overridden(all, typed []string) []string {
	if from := len(all) - len(typed); len(typed) > 0 && from > 0 && slices.Equal(all[from:], typed) {
		return typed
	}
	return all
}

// aliasChoices completes the first word.
func (in *invocation) aliasChoices(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	opts, _ := in.idleOptions(in.globals)
	all, _ := config.Aliases(opts)
	for _, a := range all {
		if strings.HasPrefix(a.Name, typed) {
			out = append(out, a.Name+"\t"+oneLine(a.Command))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// idleOptions are for what is there before a command that needs the configuration: help, completion and
// words that are no commands. No template runs a program or leaves anything in the environment; asked
// says whether one wanted to run something.
func (in *invocation) idleOptions(g globals) (o config.LoadOptions, asked *bool) {
	asked = new(bool)
	environ := in.sys.Environ
	o = in.loadOptions(g)
	o.World.Environ = func() []string { return environ }
	o.World.Setenv = func(name, value string) { environ = append(slices.Clip(environ), name+"="+value) }
	o.World.Say = nil
	o.World.Run = func(string, []string) (erb.Ran, error) {
		*asked = true
		return erb.Ran{}, nil
	}
	o.World.Ruby = func(string, string, []string) (string, error) {
		*asked = true
		return "", erb.ErrNoRuby
	}
	o.World.Dotenv = func(string, string) ([]string, error) {
		*asked = true // its values may be what commands print
		return nil, nil
	}
	return o, asked
}

// aliasHelp follows the list of commands. Help is there whatever the configuration looks like.
func (in *invocation) aliasHelp() string {
	opts, _ := in.idleOptions(in.globals)
	all, _ := config.Aliases(opts)
	if len(all) == 0 {
		return ""
	}
	width := 0
	for _, a := range all {
		width = max(width, len(a.Name))
	}
	text := "\nAliases:\n"
	for _, a := range all {
		text += fmt.Sprintf("  %-*s %s\n", width, a.Name, oneLine(a.Command))
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
