package golden

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
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

func TestChanged_tells_each_difference_once_below_what_it_belongs_to(t *testing.T) {
	t.Parallel()
	before := lines("run\n  a\n  b\n  c\nstop\n  x\nend\nrun\n  a\n  b\n  c\nlast\n")
	after := lines("run\n  a\n  B\n  c\nstop\n  x\n  y\nend\nrun\n  a\n  B\n  c\nlast\n")
	if want, got := "@ run\n-   b\n+   B\n@ stop\n+   y\n", changed(before, after); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := changed(after, after); got != "" {
		t.Errorf("between the same there is\n%s", got)
	}
}

func TestEffect_wants_a_change_unless_the_title_says_that_there_is_none(t *testing.T) {
	t.Parallel()
	deaf := func(yaml string) string { return strings.ReplaceAll(yaml, "b: 2", "") }
	for text, fails := range map[string]bool{
		"a\n---\na: 1":                         false,
		"b\na: 1\n---\na: 1\nb: 2":             true,
		"b (no effect)\na: 1\n---\na: 1\nb: 2": false,
		"a (no effect)\n---\na: 1":             true,
	} {
		r := &recorder{TB: t}
		got := effect(r, text, deaf)
		if r.failed != fails || !strings.HasPrefix(got, text+"\n----\n") {
			t.Errorf("%q: failed %t, got\n%s", text, r.failed, got)
		}
	}
}

func TestSides_of_which_one_is_refused_tell_no_more_of_the_other(t *testing.T) {
	t.Parallel()
	if got := changed(sides("much\nthat is done", Refused+"why")); got != "- accepted\n+ refused: why\n" {
		t.Errorf("got\n%s", got)
	}
}
