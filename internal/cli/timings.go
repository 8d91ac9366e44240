package cli

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"mrsk/internal/event"
	"mrsk/internal/timings"
	"mrsk/internal/ui"
)

// timingsFlag adds --timings. Without a value it is text.
func timingsFlag(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "timings", "", "show at the end where the time went: text, or json on stdout")
	f.Lookup("timings").NoOptDefVal = "text"
}

// checkTimings refuses values of --timings other than text and json.
func checkTimings(value string) error {
	switch value {
	case "", "text", "json":
		return nil
	}
	return usageError{err: fmt.Errorf("--timings=%s is unknown", value), hint: "use --timings or --timings=json"}
}

// stopwatch keeps the events of a command with their times. It is safe for use by many goroutines.
type stopwatch struct {
	began time.Time // of the clock by which work measures its events

	mu  sync.Mutex
	all []timings.Moment
}

func newStopwatch() *stopwatch { return &stopwatch{began: time.Now()} }

// event keeps e if timings or a trace need it.
func (s *stopwatch) event(e event.Event) {
	switch e.(type) {
	case event.Step, event.Waited, event.Build, event.Stage, event.Reached, event.HostFailed, event.RolloutEnd:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = append(s.all, timings.Moment{At: time.Now(), Event: e})
	}
}

// moments returns the events up to now.
func (s *stopwatch) moments() []timings.Moment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// report returns where the time went, and whether anything was measured.
func (s *stopwatch) report() (r timings.Report, measured bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r = timings.Of(s.began, time.Now(), s.all)
	return r, len(r.Spans) > 0
}

// showTimings shows where the time of a command went, if --timings is given.
func (o *opener) showTimings() error {
	if o.globals.timings == "" {
		return nil
	}
	r, measured := o.watch.report()
	switch {
	case !measured:
		return nil
	case o.globals.timings == "json":
		return o.console.json(r.Document(o.ran))
	}
	o.console.ui().Report(timingsText(r))
	return nil
}

func timingsText(r timings.Report) string {
	rows, others := r.Rows()
	text := "\n" + ui.Table(timings.Header(), rows)
	if others > 0 {
		text += fmt.Sprintf("and %d shorter steps, which --timings=json lists\n", others)
	}
	return text + r.Line() + "\n"
}
