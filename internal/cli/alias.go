package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mrsk/internal/config"
	"mrsk/internal/shell"
)

// commandLine is what the user has typed.
type commandLine struct {
	words []string // all of it, with the command lines of aliases in their place
	first string   // the first word of the command, as it was typed or as an alias has it
	alias alias    // zero where no alias was typed
}

// alias is how an alias was typed.
type alias struct {
	used    bool
	options globals // what was typed beside it, see override
	behind  int     // how many words follow it
}

// expand puts the command lines of aliases in their place. An alias may begin with another one.
//
// With idle, nothing of the configuration runs.
func (l *loader) expand(args []string, idle bool) (line commandLine, err error) {
	line.words = args
	for seen := []string{}; ; {
		at, options := commandWord(line.words)
		if at < 0 {
			return line, nil
		}
		name := line.words[at]
		if slices.Contains(l.words, name) {
			line.first = name
			return line, nil
		}
		a, err := l.alias(name, options, idle || asksForHelp(line.words))
		if slices.Contains(l.yielding, name) && (err != nil || slices.Contains(seen, name)) {
			return line, nil // the command itself tells what is wrong with the configuration
		}
		if err != nil || a == nil {
			return line, err
		}
		if slices.Contains(seen, name) {
			return line, a.Problem("leads back to itself", "")
		}
		seen = append(seen, name)
		words, err := shell.Split(a.Command)
		if err != nil {
			return line, a.Problem(err.Error(), "")
		}
		line.alias = alias{used: true, options: options, behind: len(line.words) - at - 1}
		line.words = slices.Concat(line.words[:at], words, line.words[at+1:])
	}
}

// asksForHelp reports whether a command line asks for the help of its command. A filter of hosts follows -h
// elsewhere.
func asksForHelp(words []string) bool {
	if end := slices.Index(words, "--"); end >= 0 {
		words = words[:end]
	}
	return slices.Contains(words, "--help") || len(words) > 0 && words[len(words)-1] == "-h"
}

// expandAll is expand, also for a line that the shell wants completed: its last word is not yet
// complete.
func (l *loader) expandAll(args []string) (commandLine, error) {
	if len(args) < 3 || args[0] != cobra.ShellCompRequestCmd && args[0] != cobra.ShellCompNoDescRequestCmd {
		return l.expand(args, false)
	}
	line, err := l.expand(args[1:len(args)-1], true)
	line.words = slices.Concat(args[:1], line.words, args[len(args)-1:])
	return line, err
}

// name is the command as the user has typed it: traefik where the proxy is called so.
func (l *commandLine) name(cmd *cobra.Command) string {
	words := strings.Fields(cmd.CommandPath())[1:]
	for c := cmd; c.HasParent(); c = c.Parent() {
		if c.Name() == words[0] && c.HasAlias(l.first) {
			words[0] = l.first
		}
	}
	return strings.Join(words, " ")
}

// alias finds an alias in the configuration that the command line names; nil is none. A word that is
// no alias may be a mistyped command, for which nothing of the configuration may run.
func (l *loader) alias(name string, typed globals, idle bool) (*config.Alias, error) {
	opts, asked := l.idleOptions(typed)
	a, err := named(name, opts)
	// An alias may be in a branch that is taken only if a command runs.
	unsure := a == nil && *asked && config.Mentions(opts, name)
	switch {
	case !*asked:
		return a, err
	case idle || a == nil && !unsure:
		return a, nil
	}
	return named(name, l.loadOptions(typed))
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
func (g *globals) override(typed globals) {
	g.hosts = overridden(g.hosts, typed.hosts)
	g.roles = overridden(g.roles, typed.roles)
}

func overridden(all, typed []string) []string {
	if from := len(all) - len(typed); len(typed) > 0 && from > 0 && slices.Equal(all[from:], typed) {
		return typed
	}
	return all
}

// aliasChoices completes the first word.
func (l *loader) aliasChoices(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	opts, _ := l.idleOptions(*l.globals)
	all, _ := config.Aliases(opts)
	for _, a := range all {
		if strings.HasPrefix(a.Name, typed) {
			out = append(out, a.Name+"\t"+oneLine(a.Command))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// aliasHelp follows the list of commands. Help is there whatever the configuration looks like.
func (l *loader) aliasHelp() string {
	opts, _ := l.idleOptions(*l.globals)
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
