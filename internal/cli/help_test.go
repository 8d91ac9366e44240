package cli

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"mrsk/internal/golden"
)

// TestCommands_have_complete_help fails for a command without group, example or exit statuses.
func TestCommands_have_complete_help(t *testing.T) {
	t.Parallel()
	root := tree()
	for _, c := range root.Commands() {
		if !root.ContainsGroup(c.GroupID) {
			t.Errorf("%s is in no group of the help", c.CommandPath())
		}
	}
	walk(root, func(c *cobra.Command) {
		if c.HasSubCommands() {
			return
		}
		text := helpPage{widest}.text(c)
		for _, want := range []string{"\nUsage:\n  " + c.CommandPath(), "\nExamples:\n  ", "\nExit status:\n", "  0  ", "  2  "} {
			if !strings.Contains(text, want) {
				t.Errorf("the help of %s lacks %q:\n%s", c.CommandPath(), want, text)
			}
		}
	})
}

// What a command exits with besides the usual is in its help.
func TestCommands_name_their_own_exit_statuses(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"status": "3 something differs or is not healthy", "doctor": "4 there are warnings alone",
		"exec": "any other that of the command", "app exec": "any other that of the command",
		"accessory exec": "any other that of the command", "server exec": "any other that of the command",
	} {
		c, _, err := tree().Find(strings.Fields(path))
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(strings.Fields(helpPage{widest}.text(c)), " "); !strings.Contains(text, want) {
			t.Errorf("the help of %s lacks %q", path, want)
		}
	}
}

// TestHelp_at_all_widths is the help as people see it.
func TestHelp_at_all_widths(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, width := range []int{40, 80, 100} {
		for _, path := range []string{"", "proxy", "deploy", "status"} {
			c, _, err := tree().Find(strings.Fields(path))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "=== %d columns: mrsk %s\n%s\n", width, path, helpPage{width}.text(c))
		}
	}
	golden.Equal(t, "testdata/help.golden", got.String())
}

// No line of any help is wider than the screen, apart from examples and single words.
func TestHelp_fits(t *testing.T) {
	t.Parallel()
	for _, width := range []int{narrowest, 60, 80, widest} {
		walk(tree(), func(c *cobra.Command) {
			text := strings.ReplaceAll(helpPage{width}.text(c), c.Example, "")
			for line := range strings.Lines(text) {
				line = strings.TrimRight(line, "\n")
				if utf8.RuneCountInString(line) > width && len(strings.Fields(line)) > 1 && !strings.HasPrefix(line, "  ") {
					t.Errorf("%d columns: %s: %q", width, c.CommandPath(), line)
				}
			}
		})
	}
}

func TestReflow_keeps_what_is_indented(t *testing.T) {
	t.Parallel()
	if got, want := reflow("a b\nc d\n\n  x\n  y\n\nlonglonglong z", 5), "a b c\nd\n\n  x\n  y\n\nlonglonglong\nz"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
