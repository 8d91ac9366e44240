package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"mrsk/internal/event"
	"mrsk/internal/testterminal"
)

// An event is erased and drawn around only if stdout is the terminal that has the rows.
func TestEmit_leaves_the_screen_alone_unless_stdout_is_a_terminal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		outTerminal bool
		event       event.Event
		wrote       bool // to stdout
		drew        bool
	}{
		"into a file":            {false, event.Note{Text: "x"}, true, false},
		"on the terminal":        {true, event.Note{Text: "x"}, true, true},
		"without a form in JSON": {true, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			screen := testterminal.New(80, 24)
			sys := &System{
				Out: &out, Err: screen, ErrTerminal: true, OutTerminal: tt.outTerminal, Size: screen.Size,
				Now: time.Now, Getenv: func(string) string { return "" },
			}
			o := &opener{sys: sys, asJSON: true, console: &console{sys: sys, globals: &globals{}}}
			defer o.console.close()
			o.console.ui().Sink()(event.Work{Doing: "Stopping shop", Hosts: []string{"a"}})
			before := screen.Raw()
			o.emit(tt.event)
			if wrote := out.Len() > 0; wrote != tt.wrote {
				t.Errorf("stdout has %q", out.String())
			}
			if drawn := strings.TrimPrefix(screen.Raw(), before); strings.Contains(drawn, "\x1b[J") != tt.drew {
				t.Errorf("the screen gets %q", drawn)
			}
		})
	}
}

// A line that waits for other hosts does not stop waiting because of an event.
func TestEmit_does_not_end_the_folding_of_lines(t *testing.T) {
	t.Parallel()
	var out, screen strings.Builder
	sys := &System{Out: &out, Err: &screen, Now: time.Now, Getenv: func(string) string { return "" }}
	o := &opener{sys: sys, asJSON: true, console: &console{sys: sys, globals: &globals{}}}
	for _, e := range []event.Event{
		event.Stage{Name: "start", Hosts: []string{"a", "b"}},
		event.Step{Host: "a", Name: "run it", State: event.Done},
		event.Step{Host: "b", Name: "run it", State: event.Done},
	} {
		o.console.ui().Sink()(e)
		o.emit(e)
	}
	o.console.close()
	if screen.String() != "a, b: run it: done\n" {
		t.Errorf("the screen has %q", screen.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != 3 {
		t.Errorf("stdout has %d lines:\n%s", lines, out.String())
	}
}

// validEvents fails unless each line of a file is an event as docs/events.schema.json has it, and the last one is
// the exit: events FILE.
func validEvents(ts *testscript.TestScript, _ bool, args []string) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/events.schema.json")
	ts.Check(err)
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			ts.Fatalf("line %d, %s: %v", i+1, line, err)
		}
		last := i == len(lines)-1
		if exit := strings.Contains(line, `"type":"exit"`); exit != last {
			ts.Fatalf("line %d of %d: %s", i+1, len(lines), line)
		}
	}
}
