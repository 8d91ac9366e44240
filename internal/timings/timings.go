// Package timings computes from the events of a command where its time went: what each host did and waited
// for, and the chain of work that the command's duration depended on.
package timings

import (
	"cmp"
	"slices"
	"time"

	"mrsk/internal/event"
)

// Moment is an event and when it was sent.
type Moment struct {
	At    time.Time
	Event event.Event
}

// Kind is what a host did in a span: it ran a step, or it waited.
type Kind string

// Ran is the kind of a span in which a step ran. All other kinds are those of event.Wait.
const Ran Kind = "ran"

// Waited is the state of a Step for waits that no step followed.
const Waited event.State = "waited"

// span is a time in which a host did one thing.
type span struct {
	host       string // "" is the operator's machine
	kind       Kind
	name       string // of the step, or of the gate
	state      event.State
	begin, end time.Time
	moment     int // see Span
	last       int // see Span
	number     int // its place among all spans
}

func (s span) took() time.Duration { return s.end.Sub(s.begin) }

// Report says where the time of a command went.
type Report struct {
	Took  time.Duration // by the whole command
	Steps []Step        // by the time at which they began
	Path  []Leg         // the critical path, from the beginning of the command to its end
	Spans []Span        // all steps and waits, by the time at which they began
}

// Span is a time in which a host did one thing: it ran a step, or it waited.
type Span struct {
	Host     string // "" is the operator's machine
	Kind     Kind
	Name     string        // of the step, or of the gate
	State    event.State   // of the step; Began if it has not ended
	Began    time.Duration // since the command began
	Took     time.Duration // 0 or more; until the end of the command if State is Began
	Critical bool          // it is on the critical path
	// Moment is the index of the first event of the step, or of the event of the wait. It is -1 for the time in which
	// the order to go on was sent after a gate, of which no event tells. Last is the index of the last event.
	Moment, Last int
}

// Ended returns when the span ended, since the command began.
func (s Span) Ended() time.Duration { return s.Began + s.Took }

// Step is a step of a host, and what the host waited for before it.
type Step struct {
	Host   string        // "" is the operator's machine
	Name   string        // "" for waits that no step followed
	State  event.State   // Began if it has not ended, Waited for waits that no step followed
	Began  time.Duration // since the command began
	Waited map[Kind]time.Duration
	Gate   string        // the name of the gate that it waited at
	Ran    time.Duration // 0 if no step followed the wait
}

// Of returns the report on a command that ran from began to ended. The moments are in any order.
func Of(began, ended time.Time, all []Moment) Report {
	spans := spansOf(ended, all)
	legs, critical := path(began, ended, spans)
	return Report{Took: ended.Sub(began), Steps: steps(began, spans), Path: legs, Spans: exported(began, spans, critical)}
}

// exported returns spans with times since the command began. critical are the numbers of those on the critical path.
func exported(began time.Time, spans []span, critical map[int]bool) []Span {
	out := make([]Span, len(spans))
	for i, s := range spans {
		out[i] = Span{
			Host: s.host, Kind: s.kind, Name: s.name, State: s.state, Moment: s.moment, Last: s.last,
			Began: s.begin.Sub(began), Took: s.took(), Critical: critical[s.number],
		}
	}
	return out
}

// spansOf returns the spans of the events by their beginning.
func spansOf(ended time.Time, all []Moment) []span {
	var spans []span
	open := map[[2]string]int{} // the running step of a host and a name
	for i, m := range all {
		switch e := m.Event.(type) {
		case event.Waited:
			spans = append(spans, span{host: e.Host, kind: Kind(e.For), name: e.Gate, begin: e.Since, end: e.Since.Add(e.Took), moment: i, last: i})
		case event.Step:
			key := [2]string{e.Host, e.Name}
			at, running := open[key]
			if !running {
				at = len(spans)
				spans = append(spans, span{host: e.Host, kind: Ran, name: e.Name, begin: m.At.Add(-e.Took), end: ended, moment: i})
				open[key] = at
			}
			spans[at].state, spans[at].last = e.State, i
			if e.State != event.Began {
				spans[at].end = m.At
				delete(open, key)
			}
		}
	}
	sortByBegin(spans)
	spans = append(spans, orders(spans)...)
	sortByBegin(spans)
	for i := range spans {
		spans[i].number = i
	}
	return spans
}

func sortByBegin(spans []span) {
	slices.SortStableFunc(spans, func(a, b span) int { return a.begin.Compare(b.begin) })
}

// orders returns the spans between the opening of a gate and the beginning of the next step of the host, in
// which the order to go on was sent.
func orders(spans []span) []span {
	var sent []span
	opened := map[string]time.Time{} // by host
	for _, s := range spans {
		at, waiting := opened[s.host]
		switch {
		case s.kind == Kind(event.AtGate):
			opened[s.host] = s.end
		case s.kind == Ran && waiting && !s.begin.Before(at):
			sent = append(sent, span{host: s.host, kind: Kind(event.Sent), begin: at, end: s.begin, moment: -1, last: -1})
			delete(opened, s.host)
		}
	}
	return sent
}

// steps returns one Step for each span of the kind Ran, with the waits of the host before it. They are
// in the order of the spans.
func steps(began time.Time, spans []span) []Step {
	var out []Step
	waiting := map[string][]span{} // by host
	for _, s := range spans {
		if s.kind != Ran {
			waiting[s.host] = append(waiting[s.host], s)
			continue
		}
		step := Step{Host: s.host, Name: s.name, State: s.state, Began: s.begin.Sub(began), Ran: s.took()}
		step.waited(waiting[s.host])
		delete(waiting, s.host)
		out = append(out, step)
	}
	return append(out, unfollowed(began, waiting)...)
}

// unfollowed returns a Step without a name for each host with waits that no step followed.
func unfollowed(began time.Time, waiting map[string][]span) []Step {
	var out []Step
	for host, waits := range waiting {
		step := Step{Host: host, State: Waited, Began: waits[len(waits)-1].end.Sub(began)}
		step.waited(waits)
		out = append(out, step)
	}
	slices.SortFunc(out, func(a, b Step) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

// waited adds waits to a step.
func (s *Step) waited(waits []span) {
	for _, w := range waits {
		if s.Waited == nil {
			s.Waited = map[Kind]time.Duration{}
		}
		s.Waited[w.kind] += w.took()
		if w.kind == Kind(event.AtGate) {
			s.Gate = w.name
		}
	}
}
