package cli

import (
	"io"
	"testing"

	"mrsk/internal/event"
)

// A command that runs for days, such as mrsk status --watch, must not keep what nobody will look at.
func TestSink_keeps_events_for_timings_only(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"": 0, "text": 2, "json": 2} {
		o := newProgram(t.Context(), System{Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}).opener
		o.globals.timings = value
		sink := o.sink()
		for _, e := range []event.Event{event.Step{Name: "look", State: event.Done}, event.Waited{Host: "vm1", For: event.Queued}, event.Note{Text: "x"}} {
			sink(e)
		}
		if got := len(o.watch.all); got != want {
			t.Errorf("--timings=%s: %d events, want %d", value, got, want)
		}
	}
}
