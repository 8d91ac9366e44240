package cli

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

// Every command that is called like one of these removes something or replaces what runs.
func TestCommands_that_remove_or_replace_are_not_abbreviated(t *testing.T) {
	t.Parallel()
	words := []string{"setup", "deploy", "redeploy", "rollback", "remove", "upgrade", "reboot", "release"}
	// mrsk registry setup has the name of a command that deploys, and logs in.
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		_, marked := c.Annotations[notAbbreviated]
		destroys := slices.Contains(words, c.Name()) && c.CommandPath() != "mrsk registry setup" || c.HasParent() && c.Parent().Name() == "prune"
		if destroys && !marked {
			t.Errorf("%s can be abbreviated", c.CommandPath())
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(newRoot(newProgram(t.Context(), System{})))
}
