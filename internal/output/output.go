// Package output records what a command does: in a log file, and as OTLP log records at a collector. It never
// fails a command and never delays it. If recording fails, a warning is shown when the command has ended.
package output

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"mrsk/internal/event"
)

// Run is the command that is recorded.
type Run struct {
	Command     string // as the user types it, such as "app boot"
	Service     string
	Destination string // "" without one
	Version     string // of the app; "" if the command has none
	Performer   string
	Tool        string // version of mrsk
	// TraceID and SpanID are those of the command in its trace, "" if it has none.
	TraceID, SpanID string
}

// Options say where to record.
type Options struct {
	Run      Run
	Dir      string                     // of the log file; "" for none
	Endpoint string                     // base URL of the OTLP collector; "" for none
	Text     func(event.Event) []string // an event as lines of text, without its host
	Hide     func(text string) string   // text without secrets
	Now      func() time.Time
	Screen   event.Sink // receives a note about where the record is, and warnings
}

// Recorder records one command. It is safe for use by many goroutines.
type Recorder struct {
	o     Options
	ctx   context.Context
	mu    sync.Mutex
	began time.Time // zero until Begin
	early []record
	to    []keeper
}

// keeper writes records to one destination: a file or a collector.
type keeper interface {
	// put adds a record. It must not block.
	put(record)
	// end ends the record. It returns an event that says where the records are, or why there are none.
	end() event.Event
}

// record is a line of the log, or an event with a name.
type record struct {
	at       time.Time
	severity severity
	host     string // "" on the operator's machine
	stream   string // stdout or stderr of a program, "" for what mrsk says itself
	text     string
	name     string // start, complete or failed; "" for lines
	err      error  // of failed
	took     time.Duration
}

// New makes a recorder. It keeps nothing until Begin, and the end of ctx does not end it: what is
// said last is to be kept, too.
func New(ctx context.Context, o Options) *Recorder {
	return &Recorder{o: o, ctx: context.WithoutCancel(ctx)}
}

// Begin starts the record, with all that has happened already. Calls after the first do nothing.
func (r *Recorder) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.began.IsZero() {
		return
	}
	r.began = r.o.Now()
	r.open()
	first := r.began
	if len(r.early) > 0 {
		first = r.early[0].at
	}
	r.keep(record{at: first, severity: info, name: "start", text: r.title()})
	for _, e := range r.early {
		r.keep(e)
	}
	r.early = nil
}

// open opens the keepers. It warns of one that fails and goes on without it.
func (r *Recorder) open() {
	if r.o.Dir != "" {
		f, err := create(r.o.Dir, r.o.Run, r.began)
		if err != nil {
			r.o.Screen(event.Warning{Text: "there is no log file: " + err.Error()})
		} else {
			r.to = append(r.to, f)
		}
	}
	if r.o.Endpoint != "" {
		r.to = append(r.to, send(r.ctx, r.o.Endpoint, r.o.Run))
	}
}

func (r *Recorder) title() string {
	title := "mrsk " + r.o.Run.Command + " of " + r.o.Run.Service
	if r.o.Run.Destination != "" {
		title += ", destination " + r.o.Run.Destination
	}
	if r.o.Run.Version != "" {
		title += ", version " + r.o.Run.Version
	}
	return title + ", by " + r.o.Run.Performer
}

// Event records an event.
func (r *Recorder) Event(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := about(e)
	line.at = r.o.Now()
	for _, text := range r.o.Text(e) {
		line.text = text
		if r.began.IsZero() {
			r.early = append(r.early, line)
		} else {
			r.keep(line)
		}
	}
}

func (r *Recorder) keep(line record) {
	line.text = r.o.Hide(line.text)
	for _, k := range r.to {
		k.put(line)
	}
}

// End ends the record of a command that ended with err, which report tells in full, and says
// where the record is. It takes a few seconds at most, whatever the collector does.
func (r *Recorder) End(err error, report string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.began.IsZero() {
		return
	}
	last := record{at: r.o.Now(), severity: info, name: "complete", err: err}
	last.took = last.at.Sub(r.began)
	last.text = fmt.Sprintf("Completed in %.1f s", last.took.Seconds())
	if err != nil {
		last.name, last.severity = "failed", failed
		last.text = fmt.Sprintf("Failed in %.1f s\n%s", last.took.Seconds(), strings.TrimRight(report, "\n"))
	}
	r.keep(last)
	for _, k := range r.to {
		r.o.Screen(k.end())
	}
	r.to = nil
}

// severity is a number of the OpenTelemetry log data model.
type severity int

const (
	detail  severity = 5 // DEBUG
	info    severity = 9
	warning severity = 13
	failed  severity = 17 // ERROR
)

var severityNames = map[severity]string{detail: "DEBUG", info: "INFO", warning: "WARN", failed: "ERROR"}

// about is a record of e without text and time.
func about(e event.Event) record {
	switch e := e.(type) {
	case event.Note:
		return record{host: e.Host, severity: info}
	case event.Warning:
		return record{host: e.Host, severity: warning}
	case event.Line:
		return record{host: e.Host, stream: e.Stream, severity: detail}
	case event.Step:
		return record{host: e.Host, severity: severityOf(e)}
	}
	return record{severity: info}
}

func severityOf(s event.Step) severity {
	switch {
	case s.State == event.Failed:
		return failed
	case s.VerboseOnly:
		return detail
	}
	return info
}
