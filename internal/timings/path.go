package timings

import (
	"slices"
	"time"

	"mrsk/internal/event"
)

// Leg is a part of the critical path.
type Leg struct {
	Host string
	Kind Kind   // "" for time in which nothing is known to have run
	Name string // of the step, for the kind Ran
	// State is that of the step, for the kind Ran.
	State event.State
	Took  time.Duration // by the step or the wait; without a kind, by the gap
}

// path returns the critical path, and the numbers of the spans on it. It goes back from the work that ended last: to
// what the work had to wait for, and so on to the beginning of the command.
func path(began, ended time.Time, spans []span) (legs []Leg, critical map[int]bool) {
	critical = map[int]bool{}
	done := workOf(spans)
	at := ended
	for s, found := done.all.lastBefore(at); found; s, found = done.before(s) {
		legs = addLeg(legs, Leg{Took: at.Sub(s.end)})
		legs = addLeg(legs, Leg{Host: s.host, Kind: s.kind, Name: s.name, State: s.state, Took: s.took()})
		critical[s.number] = s.took() > 0
		at = s.begin
	}
	legs = addLeg(legs, Leg{Took: at.Sub(began)})
	slices.Reverse(legs)
	return legs, critical
}

// addLeg adds a leg unless it is empty.
func addLeg(legs []Leg, leg Leg) []Leg {
	if leg.Took <= 0 {
		return legs
	}
	return append(legs, leg)
}

// work is the work of a command: of all hosts together, and of each host.
type work struct {
	all    byEnd
	ofHost map[string]byEnd
}

// workOf returns the work in spans, which are in the order of their beginning. A wait at a gate is no work: it
// ends because of the work of another host.
func workOf(spans []span) work {
	all := slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return s.kind == Kind(event.AtGate) })
	slices.Reverse(all) // of spans that end together, the one that began first comes last
	slices.SortStableFunc(all, func(a, b span) int { return a.end.Compare(b.end) })
	w := work{all: all, ofHost: map[string]byEnd{}}
	for _, s := range all {
		w.ofHost[s.host] = append(w.ofHost[s.host], s)
	}
	return w
}

// before returns what s had to wait for. A step begins when its host has done what came before. What is
// sent to a host, and what this machine does, begins when all work before it has ended.
func (w work) before(s span) (found span, ok bool) {
	if s.kind == Ran && s.host != "" {
		if found, ok = w.ofHost[s.host].lastBefore(s.begin); ok {
			return found, true
		}
	}
	return w.all.lastBefore(s.begin)
}

// byEnd are spans in the order of their end.
type byEnd []span

// lastBefore returns the span that ended last of those that began before at and ended not after it.
func (all byEnd) lastBefore(at time.Time) (last span, found bool) {
	later, _ := slices.BinarySearchFunc(all, at, func(s span, at time.Time) int {
		if s.end.After(at) {
			return 1
		}
		return -1
	})
	for _, s := range slices.Backward(all[:later]) {
		if s.begin.Before(at) {
			return s, true
		}
	}
	return span{}, false
}
