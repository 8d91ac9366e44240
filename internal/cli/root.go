package cli

import (
	"cmp"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// globals are the options of all commands.
type globals struct {
	configFile, destination string
	hosts, roles            []string
	primary                 bool
	version                 string
	verbose, quiet          bool
	skipHooks               bool
	lock                    lockWait
}

// matchPrefixes lets users shorten commands. It is a variable of cobra's own, for all trees.
var matchPrefixes = sync.OnceFunc(func() { cobra.EnablePrefixMatching = true })

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "mrsk",
		Short:         "Deploy web apps as containers to plain servers, with zero downtime",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
	}
	matchPrefixes()
	p.globals.flags(root.PersistentFlags())
	root.SetGlobalNormalizationFunc(dashes)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetIn(p.sys.In)
	root.SetOut(p.sys.Out)
	root.SetErr(p.sys.Err)
	root.AddCommand(commands(p)...)
	root.RunE = unknown
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		p.globals.override(p.line.alias.options)
		return cmp.Or(refuseAbbreviation(&p.line, c), emptied(c), p.globals.lock.check())
	}
	root.ValidArgsFunction = p.loader.aliasChoices
	completions(p.loader, root)
	p.help(root)
	p.loader.words = taken(root)
	return root
}

// help shows the aliases, too. It is refused for what is no command, which cobra would answer
// with the help of all commands.
func (p *program) help(root *cobra.Command) {
	of := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		if words := c.Flags().Args(); c.HasSubCommands() && len(words) > 0 && words[0] != "help" {
			p.misled = unknown(c, words)
			return
		}
		p.misled = p.helped(c, func() { of(c, args) })
	})
}

// topics makes the command help refuse what is no command, which cobra's answers with all commands.
func topics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	topic, _, _ := root.Find([]string{"help"})
	topic.Run, topic.RunE = nil, func(_ *cobra.Command, args []string) error {
		about, rest, _ := root.Find(args)
		if about.HasSubCommands() && len(rest) > 0 {
			return unknown(about, rest)
		}
		return about.Help()
	}
}

// helped shows the help of a command. Cobra would take no notice of what cannot be written.
func (p *program) helped(c *cobra.Command, write func()) error {
	var text strings.Builder
	root := c.Root()
	root.SetOut(&text)
	defer root.SetOut(p.sys.Out)
	write()
	if c == root {
		text.WriteString(p.loader.aliasHelp())
	}
	return p.console.show(text.String())
}

// taken are the words that are commands, those that cobra adds among them.
func taken(root *cobra.Command) []string {
	words := []string{"help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	for _, c := range root.Commands() {
		words = append(append(words, c.Name()), c.Aliases...)
	}
	return words
}

// flags are the global options. Help has no short form: -h names hosts, as in the reference.
func (g *globals) flags(f *pflag.FlagSet) {
	f.StringVarP(&g.configFile, "config-file", "c", "config/deploy.yml", "path to the configuration")
	f.StringVarP(&g.destination, "destination", "d", "", "merge the configuration of this destination over the base (deploy.NAME.yml)")
	f.StringSliceVarP(&g.hosts, "hosts", "h", nil, "work on these hosts only (comma list, wildcards)")
	f.StringSliceVarP(&g.roles, "roles", "r", nil, "work on these roles only (comma list, wildcards)")
	f.BoolVarP(&g.primary, "primary", "p", false, "work on the primary host only")
	f.StringVar(&g.version, "version", "", "act on this version of the app instead of that of the checkout")
	f.BoolVarP(&g.verbose, "verbose", "v", false, "show commands and all their output")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "show errors only")
	f.BoolVarP(&g.skipHooks, "skip-hooks", "H", false, "run no hooks")
	g.lock.flags(f)
	f.Bool("help", false, "show help")
}

// dashes makes --foo_bar the same as --foo-bar.
func dashes(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, RunE: unknown, Args: cobra.ArbitraryArgs}
	c.AddCommand(commands...)
	return c
}
