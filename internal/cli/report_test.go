package cli

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"mrsk/internal/event"
)

// wholePage fails unless a file is a whole page: page FILE.
func wholePage(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for err == nil {
		_, err = d.Token()
	}
	if !errors.Is(err, io.EOF) || !strings.HasSuffix(string(text), "</html>\n") {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

func reporting(t *testing.T, path string) *opener {
	t.Helper()
	dir := t.TempDir()
	p := newProgram(t.Context(), System{Dir: dir, Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }})
	root := newRoot(p)
	p.opener.page.path = path
	if err := p.opener.checkReport(root); err != nil {
		t.Fatal(err)
	}
	return p.opener
}

// Without --report no event is kept: a build may say much.
func TestReporter_keeps_events_only_when_asked(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"": false, "page.html": true} {
		o := reporting(t, path)
		o.sink()(event.RolloutEnd{})
		if got := o.page.record.End() != nil; got != want {
			t.Errorf("--report=%s keeps events: %v", path, got)
		}
	}
}

func TestWriteReport_keeps_the_mode_of_a_file(t *testing.T) {
	t.Parallel()
	o := reporting(t, "page.html")
	file := filepath.Join(o.sys.Dir, "page.html")
	for _, mode := range []os.FileMode{0o600, 0o644} {
		o.writeReport(nil)
		info, err := os.Stat(file)
		if err != nil || info.Mode() != mode {
			t.Errorf("%v, %v; want %v", info, err, mode)
		}
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// What was done to hosts is done: a page that cannot be written is a warning.
func TestWriteReport_warns_of_what_it_cannot_write(t *testing.T) {
	t.Parallel()
	o := reporting(t, "page.html")
	var screen strings.Builder
	o.sys.Err = &screen
	if err := os.Remove(o.sys.Dir); err != nil {
		t.Fatal(err)
	}
	if err := o.finish(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if want := "warning: write the report to page.html: "; !strings.HasPrefix(screen.String(), want) {
		t.Errorf("the screen:\n%s", screen.String())
	}
}
