package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"mrsk/internal/golden"
)

func TestManPages(t *testing.T) {
	t.Parallel()
	pages := ManPages()
	walk(tree(), func(c *cobra.Command) {
		page := pages[manName(c)+".1"]
		for _, want := range []string{".TH ", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n", ".SH EXIT STATUS\n"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page of %s lacks %q", c.CommandPath(), want)
			}
		}
	})
	golden.Equal(t, "testdata/mrsk-app-exec.1", pages["mrsk-app-exec.1"])
}

func TestManLines_are_no_requests(t *testing.T) {
	t.Parallel()
	if got, want := manLines(".mrsk\n'x' a\\b\n-h `~^`"), "\\&.mrsk\n\\(aqx\\(aq a\\eb\n\\-h \\(ga\\(ti\\(ha\\(ga\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
