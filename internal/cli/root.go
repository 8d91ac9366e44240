package cli

import (
	"cmp"
	"slices"
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
	verbose, quiet, plain   bool
	skipHooks               bool
	timings                 string // "", text or json
	lock                    lockWait
}

// configureCobra lets users shorten commands, and keeps the order of commandGroups. These are variables of cobra's
// own, for all trees.
var configureCobra = sync.OnceFunc(func() { cobra.EnablePrefixMatching, cobra.EnableCommandSorting = true, false })

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "mrsk",
		Short:         "Deploy web apps as containers to plain servers, with zero downtime",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
	}
	configureCobra()
	p.globals.flags(root.PersistentFlags())
	root.SetGlobalNormalizationFunc(dashes)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetIn(p.sys.In)
	root.SetOut(p.sys.Out)
	root.SetErr(p.sys.Err)
	addCommands(root, commandGroups(p))
	root.SetHelpCommandGroupID("Configure")
	root.RunE = unknown
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		p.globals.override(p.line.alias.options)
		p.opener.beginTrace(c)
		return cmp.Or(refuseAbbreviation(&p.line, c), emptied(c), contradictory(c), p.globals.lock.check(), checkTimings(p.globals.timings), p.opener.checkReport(c))
	}
	root.ValidArgsFunction = p.loader.aliasChoices
	completions(p.loader, root)
	p.help(root)
	p.loader.words, p.loader.yielding = taken(root), yielding(root)
	return root
}

// help shows help in the form of helpPage. It is refused for what is no command, which cobra would answer
// with the help of all commands.
func (p *program) help(root *cobra.Command) {
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		if words := c.Flags().Args(); c.HasSubCommands() && len(words) > 0 && words[0] != "help" {
			p.misled = unknown(c, words)
			return
		}
		text := p.helpPage().text(c)
		if c == root {
			text += p.loader.aliasHelp()
		}
		p.misled = p.console.show(text)
	})
}

// topics makes the command help refuse what is no command, which cobra's answers with all commands, and explain
// the options of all commands.
func (p *program) topics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	topic, _, _ := root.Find([]string{"help"})
	topic.Use, topic.Short, topic.Long = "help [COMMAND]", "Explain a command, or the options of all commands", "Explain a command. mrsk help options explains the options that all commands have."
	topic.Example = "  mrsk help app exec\n  mrsk help options"
	topic.Run, topic.RunE = nil, func(_ *cobra.Command, args []string) error {
		if slices.Equal(args, []string{"options"}) {
			return p.console.show(p.helpPage().globals(root))
		}
		about, rest, _ := root.Find(args)
		if about.HasSubCommands() && len(rest) > 0 {
			return unknown(about, rest)
		}
		return about.Help()
	}
}

// taken are the words that are commands, those that cobra adds among them, without those that give way
// to an alias.
func taken(root *cobra.Command) []string {
	words := []string{"help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	for _, c := range root.Commands() {
		if _, marked := c.Annotations[givesWay]; !marked {
			words = append(append(words, c.Name()), c.Aliases...)
		}
	}
	return words
}

// yielding are the commands that give way to an alias.
func yielding(root *cobra.Command) []string {
	var words []string
	for _, c := range root.Commands() {
		if _, marked := c.Annotations[givesWay]; marked {
			words = append(words, c.Name())
		}
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
	f.BoolVar(&g.plain, "plain", false, "show lines of words only, for screen readers: no colors, no signs, nothing is drawn again")
	f.BoolVarP(&g.skipHooks, "skip-hooks", "H", false, "run no hooks")
	timingsFlag(f, &g.timings)
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
