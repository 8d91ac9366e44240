package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"mrsk/internal/golden"
)

// TestCompatibility_of_commands keeps docs/compatibility.md true: it has every command and option
// of the list, what it marks as there is in the command tree, and what it marks otherwise is not.
func TestCompatibility_of_commands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/reference.commands")
	if err != nil {
		t.Fatal(err)
	}
	root := tree()
	root.InitDefaultHelpCmd()
	rows := map[string][]string{}
	for _, row := range golden.Table(t, "../../docs/compatibility.md", "## Commands") {
		rows[strings.Trim(row[0], "`")] = row
	}
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		row, found := rows[name]
		if !found {
			t.Errorf("docs/compatibility.md lacks the command %s", name)
			continue
		}
		delete(rows, name)
		if command, options, _ := strings.Cut(name, " -"); row[1] == "not needed" && options == "" {
			hasHint(t, command)
		}
		checkMark(t, name, row, isThere(root, name))
	}
	for name := range rows {
		t.Errorf("docs/compatibility.md has %s, which testdata/reference.commands lacks", name)
	}
}

// hasHint fails the test unless those who type the command are told what to do in its place.
func hasHint(t *testing.T, command string) {
	t.Helper()
	if strings.HasPrefix(command, "-") {
		return
	}
	command = strings.Replace(command, "traefik ", "proxy ", 1)
	for name := range gone {
		if command == name || strings.HasPrefix(command, name+" ") {
			return
		}
	}
	t.Errorf("nothing is told to those who type %s, which docs/compatibility.md says is not needed", command)
}

func checkMark(t *testing.T, name string, row []string, isThere bool) {
	t.Helper()
	switch mark, why := row[1], row[2]; {
	case mark == "same" || mark == "better":
		if !isThere {
			t.Errorf("docs/compatibility.md: %s is marked %s, and is not there", name, mark)
		}
		if mark == "better" && why == "" {
			t.Errorf("docs/compatibility.md: %s is better, without saying how", name)
		}
	case mark != "not needed" && mark != "not yet":
		t.Errorf("docs/compatibility.md: %s is marked %q, which is no mark", name, mark)
	case isThere:
		t.Errorf("docs/compatibility.md: %s is there, and marked %s: mark it same, or better and say how", name, mark)
	case mark == "not needed" && why == "":
		t.Errorf("docs/compatibility.md: %s is not needed, without saying why", name)
	}
}

// isThere looks up a name such as app logs --lines, -n.
func isThere(root *cobra.Command, name string) bool {
	command, options, _ := strings.Cut(name, "-")
	if options != "" {
		command, options = strings.TrimSpace(command), name[len(command):]
	}
	c := root
	for word := range strings.FieldsSeq(command) {
		if c = child(c, word); c == nil {
			return false
		}
	}
	for option := range strings.SplitSeq(options, ", ") {
		if option != "" && !hasOption(c, option) {
			return false
		}
	}
	return true
}

func child(c *cobra.Command, word string) *cobra.Command {
	for _, sub := range c.Commands() {
		if sub.Name() == word || sub.HasAlias(word) {
			return sub
		}
	}
	if word == "help" { // every group has it
		return c
	}
	return nil
}

func hasOption(c *cobra.Command, option string) bool {
	if long, isLong := strings.CutPrefix(option, "--"); isLong {
		return c.Flag(long) != nil
	}
	short := strings.TrimPrefix(option, "-")
	return c.Flags().ShorthandLookup(short) != nil || c.PersistentFlags().ShorthandLookup(short) != nil
}
