package golden

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestEqual_accepts_what_it_wrote_and_nothing_else(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "x.golden")
	*update = true
	Equal(t, file, "one\ntwo\n")
	*update = false
	Equal(t, file, "one\ntwo\n")

	other := &recorder{TB: t}
	Equal(other, file, "one\nthree\n")
	if !other.failed {
		t.Error("a different text was accepted")
	}
}

// recorder is a test that may fail without failing this one.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestTable_has_the_rows_below_a_heading(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	page := "# A\n\n| no | head |\n|---|---|\n| 0 | z |\n\n## B\n\n| a | b |\n|---|---|\n| 1 | x |\n\n### C\n\n| a | b |\n|---|---|\n| 2 |  |\n\n## D\n\n| a |\n|---|\n| 3 |\n"
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"1", "x"}, {"2", ""}}
	if got := Table(t, file, "## B"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}
