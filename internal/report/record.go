// Package report makes the page of --report from the events of a command: one HTML file that needs no network.
//
// Steps and their output come from hosts and containers. They are shown as text: without secrets, without control
// characters, and escaped by html/template.
package report

import (
	"slices"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/timings"
)

// mostMessages is how many notes and warnings are kept.
const mostMessages = 1000

// Record keeps what the page shows of the events of a command. It is not safe for use by many goroutines.
type Record struct {
	hide     func(string) string
	moments  []timings.Moment  // steps and waits
	steps    map[int]*step     // by the index of their first event in moments
	running  map[[2]string]int // the step of a host and a name that runs, as its index
	last     map[[2]string]int // the step that ran last
	bands    []*band
	messages []message
	unkept   int // messages that were too many
	bytes    int // of all logs
	work     event.Work
	build    event.Build
	end      *event.RolloutEnd
}

// step is what the page shows of a step besides its time.
type step struct {
	shown   string // the command
	failure string
	minor   bool
	log     log
}

// band is a stage of the work, from its beginning until all hosts have come to its end.
type band struct {
	name       string
	began, end time.Time // end is that of the hosts that have come to it
	missing    int       // hosts that have not
	undo       bool
}

// message is a note or a warning.
type message struct {
	at         time.Time
	host, text string
	isWarning  bool
}

// New returns an empty record. hide returns text without secrets. It is called again when the page is made, because
// some secrets become known later than what they are part of.
func New(hide func(string) string) *Record {
	return &Record{hide: hide, steps: map[int]*step{}, running: map[[2]string]int{}, last: map[[2]string]int{}}
}

// Add adds an event that was sent at a time.
func (r *Record) Add(at time.Time, e event.Event) {
	switch e := e.(type) {
	case event.Step:
		r.step(at, e)
	case event.Waited:
		r.moments = append(r.moments, timings.Moment{At: at, Event: e})
	case event.Line:
		r.line(e.Host, e.Step, line{stream: e.Stream, text: e.Text})
	case event.Probe:
		r.line(e.Host, e.Step, line{stream: answers, text: e.Answer})
	case event.Note:
		r.message(message{at: at, host: e.Host, text: e.Text})
	case event.Warning:
		r.message(message{at: at, host: e.Host, text: e.Text, isWarning: true})
	default:
		r.progress(at, e)
	}
}

// End returns how the rollout ended, nil if no event has told.
func (r *Record) End() *event.RolloutEnd { return r.end }

// progress adds an event about the whole.
func (r *Record) progress(at time.Time, e event.Event) {
	switch e := e.(type) {
	case event.Work:
		r.work = e
	case event.Build:
		r.build = e
	case event.Stage:
		r.bands = append(r.bands, &band{name: e.Name, began: at, end: at, missing: len(e.Hosts), undo: e.Undo})
	case event.Reached:
		r.reached(at, e)
	case event.RolloutEnd:
		r.end = &e
	}
}

// reached extends the last band of a stage.
func (r *Record) reached(at time.Time, e event.Reached) {
	for _, b := range slices.Backward(r.bands) {
		if b.name == e.Stage {
			b.end = at
			b.missing--
			return
		}
	}
}

// step adds an event of a step. Which events belong together is decided as in timings.Of.
func (r *Record) step(at time.Time, e event.Step) {
	key := [2]string{e.Host, e.Name}
	number, running := r.running[key]
	if !running {
		number = len(r.moments)
		r.steps[number] = &step{shown: e.Shown, minor: e.VerboseOnly}
		r.running[key], r.last[key] = number, number
	}
	r.moments = append(r.moments, timings.Moment{At: at, Event: e})
	if e.State == event.Began {
		return
	}
	delete(r.running, key)
	if e.Err != nil {
		r.steps[number].failure = e.Err.Error()
	}
}

// line adds a line of output to the step that it is of. If the step is not known, the line is a message.
func (r *Record) line(host, name string, l line) {
	number, known := r.last[[2]string{host, name}]
	if !known {
		r.message(message{host: host, text: name + " | " + l.text})
		return
	}
	l.text = cut(r.hide(l.text))
	r.bytes += r.steps[number].log.add(l, r.bytes)
}

func (r *Record) message(m message) {
	if len(r.messages) >= mostMessages {
		r.unkept++
		return
	}
	m.text = cut(r.hide(m.text))
	r.messages = append(r.messages, m)
}
