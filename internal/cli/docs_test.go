package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mrsk/internal/golden"
)

// TestDocs keeps docs/cli.md what the command tree says; go test -update writes it.
func TestDocs(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "../../docs/cli.md", reference(tree()))
}

// TestCommands_have_help keeps every command explained and shown.
func TestCommands_have_help(t *testing.T) {
	t.Parallel()
	walk(tree(), func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: Short is %q: a few words without a full stop", c.CommandPath(), c.Short)
		}
		if !c.HasSubCommands() && c.Args == nil && !strings.Contains(c.Use, " ") {
			t.Errorf("%s takes any argument", c.CommandPath())
		}
	})
}

// quoted is a word in quotes.
var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// TestExamples_parse runs every example up to its flags: they must be what the command takes.
func TestExamples_parse(t *testing.T) {
	t.Parallel()
	walk(tree(), func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			plain, _, _ := strings.Cut(quoted.ReplaceAllString(line, "x"), "|")
			plain, _, _ = strings.Cut(plain, ">")
			words := strings.Fields(plain)
			found, rest, err := tree().Find(words[1:])
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err != nil {
				t.Errorf("%s: example %q: %v", c.CommandPath(), strings.TrimSpace(line), err)
			}
		}
	})
}

func tree() *cobra.Command {
	root := newRoot(newProgram(context.Background(), System{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }, Interrupts: make(chan os.Signal)}))
	return root
}

func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		walk(sub, visit)
	}
}

const preface = `# Commands

Generated from the command tree by ` + "`go test ./internal/cli -update`" + `; do not edit.

Command words may be abbreviated as long as they are unambiguous. Commands that remove something or
replace what runs, such as ` + "`remove`" + `, ` + "`reboot`" + `, ` + "`upgrade`" + ` and ` + "`deploy`" + `, must be typed in full. ` + "`--foo_bar`" + ` is
the same as ` + "`--foo-bar`" + `. Results are written to stdout; progress and errors are written to stderr.
` + "`mrsk completion install`" + ` lets the shell complete commands, options, destinations, roles, hosts and accessories.
` + "`make man`" + ` writes manual pages to bin/man.

`

const statusTable = `| exit status | meaning |
|---|---|
`

const optionsTitle = `
Where a command has other exit statuses, they stand with it.

## Options of all commands

`

func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(preface + index(root) + statusTable)
	for _, e := range usualExits {
		fmt.Fprintf(&b, "| %s | %s |\n", e.code, e.meaning)
	}
	b.WriteString(optionsTitle + options(root.PersistentFlags()))
	for _, c := range root.Commands() {
		walk(c, func(c *cobra.Command) { b.WriteString(section(c)) })
	}
	return b.String()
}

// index lists the commands by group.
func index(root *cobra.Command) string {
	text := "| commands | |\n|---|---|\n"
	for _, g := range root.Groups() {
		var names []string
		for _, r := range rowsOf(root, g.ID) {
			c, _, _ := root.Find([]string{r.name})
			names = append(names, fmt.Sprintf("[%s](#%s)", r.name, strings.ReplaceAll(anchor.ReplaceAllString(strings.ToLower(title(c)), ""), " ", "-")))
		}
		text += fmt.Sprintf("| %s | %s |\n", g.Title, strings.Join(names, ", "))
	}
	return text + "\n"
}

// anchor matches what GitHub leaves out of the anchor of a heading.
var anchor = regexp.MustCompile(`[^a-z0-9 _-]`)

// title is the heading of a command.
func title(c *cobra.Command) string {
	if c.HasSubCommands() {
		return c.CommandPath()
	}
	return strings.TrimSuffix(c.UseLine(), " [flags]")
}

// ownStatuses are the exit statuses of a command that differ from the usual ones.
func ownStatuses(c *cobra.Command) string {
	var own []string
	for _, e := range exitStatuses(c) {
		if !slices.Contains(usualExits, e) {
			own = append(own, e.code.String()+" "+e.meaning)
		}
	}
	if len(own) == 0 {
		return ""
	}
	return "\nExit status: " + strings.Join(own, "; ") + ".\n"
}

func section(c *cobra.Command) string {
	if c.HasSubCommands() {
		return fmt.Sprintf("\n## %s\n\n%s\n", title(c), text(c))
	}
	level := strings.Repeat("#", len(strings.Fields(c.CommandPath())))
	s := fmt.Sprintf("\n%s %s\n\n%s\n\n```\n%s\n```\n", level, title(c), text(c), strings.ReplaceAll(strings.TrimSpace(c.Example), "\n  ", "\n"))
	if flags := options(c.LocalNonPersistentFlags()); flags != "" {
		s += "\n" + flags
	}
	return s + ownStatuses(c)
}

func text(c *cobra.Command) string {
	if c.Long == "" {
		return c.Short + "."
	}
	return c.Long
}

func options(flags *pflag.FlagSet) string {
	var rows strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + value
		}
		fmt.Fprintf(&rows, "| `%s` | %s |\n", name, usage)
	})
	if rows.Len() == 0 {
		return ""
	}
	return "| option | meaning |\n|---|---|\n" + rows.String()
}
