package cli

import (
	"strings"
	"testing"
)

func TestAsksForHelp_of_an_alias(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"console --help": true, "console -h": true, "console": false, "console -h vm1": false, "-d prod console --help": true,
		"console -- ls --help": false,
	} {
		if got := asksForHelp(strings.Fields(line)); got != want {
			t.Errorf("%s: %t", line, got)
		}
	}
}
