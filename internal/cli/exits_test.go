package cli

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestExitStatuses(t *testing.T) {
	t.Parallel()
	for kind, want := range map[exitKind][]string{
		"":            {"0 done", "1 failed", "2 the command line is wrong", "130 interrupted"},
		exitsOfStatus: {"0 all is as configured and healthy", "1 failed, or a host did not answer", "2 the command line is wrong", "3 something differs or is not healthy", "130 interrupted"},
		exitsOfDoctor: {"0 nothing was found", "1 failed", "2 the command line is wrong", "3 something will fail", "4 there are warnings alone", "130 interrupted"},
		exitsOfExec:   {"0 done", "1 failed", "2 the command line is wrong", "130 interrupted", "any other that of the command, if it runs once"},
	} {
		var got []string
		for _, e := range exitStatuses(exitsWith(&cobra.Command{}, kind)) {
			got = append(got, fmt.Sprint(e.code, " ", e.meaning))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", kind, diff)
		}
	}
}
