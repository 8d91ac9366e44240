package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
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
		if !c.HasSubCommands() && c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
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
` + "`mrsk completion bash`" + `, zsh or fish, prints a shell script that completes commands, options, destinations, roles, hosts and accessories.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | the command line is wrong |
| 130 | interrupted |

` + "`app exec`, `accessory exec` and `server exec`" + ` exit with the status of the command if it runs once.

## Options of all commands

`

func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(preface + options(root.PersistentFlags()))
	for _, c := range root.Commands() {
		walk(c, func(c *cobra.Command) { b.WriteString(section(c)) })
	}
	return b.String()
}

func section(c *cobra.Command) string {
	if c.HasSubCommands() {
		return fmt.Sprintf("\n## %s\n\n%s\n", c.CommandPath(), text(c))
	}
	level := strings.Repeat("#", len(strings.Fields(c.CommandPath())))
	s := fmt.Sprintf("\n%s %s\n\n%s\n\n```\n%s\n```\n", level, strings.TrimSuffix(c.UseLine(), " [flags]"), text(c), strings.ReplaceAll(strings.TrimSpace(c.Example), "\n  ", "\n"))
	if flags := options(c.LocalNonPersistentFlags()); flags != "" {
		s += "\n" + flags
	}
	return s
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
