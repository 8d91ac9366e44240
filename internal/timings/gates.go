package timings

import (
	"cmp"
	"slices"
	"time"

	"mrsk/internal/event"
)

// Gate is a gate of a rollout that opened: all hosts had come to it.
type Gate struct {
	Name   string
	Opened time.Duration // since the command began
	Waits  []int         // indexes in Report.Spans, one for each host
	Last   string        // the host that came last
	// For is the index in Report.Spans of the step for which the gate stayed closed: what the last host did before. It
	// is -1 if that is not known.
	For int
}

// Gates returns the gates in the order in which they opened.
func (r Report) Gates() []Gate {
	var gates []Gate
	for i, s := range r.Spans {
		if s.Kind != Kind(event.AtGate) {
			continue
		}
		at := slices.IndexFunc(gates, func(g Gate) bool { return g.Name == s.Name && g.Opened == s.Ended() })
		if at < 0 {
			at = len(gates)
			gates = append(gates, Gate{Name: s.Name, Opened: s.Ended()})
		}
		gates[at].Waits = append(gates[at].Waits, i)
	}
	for i := range gates {
		gates[i].Last, gates[i].For = r.lastAt(gates[i])
	}
	slices.SortStableFunc(gates, func(a, b Gate) int { return cmp.Compare(a.Opened, b.Opened) })
	return gates
}

// lastAt returns the host that came last to a gate, and the step that it ran before.
func (r Report) lastAt(g Gate) (host string, step int) {
	last := r.Spans[g.Waits[0]]
	for _, i := range g.Waits[1:] {
		if r.Spans[i].Began > last.Began {
			last = r.Spans[i]
		}
	}
	return last.Host, r.stepBefore(last)
}

// stepBefore returns the index of the step of the same host that ended last before a span began, -1 if there is none.
func (r Report) stepBefore(wait Span) int {
	found, ended := -1, time.Duration(-1)
	for i, s := range r.Spans {
		if s.Host == wait.Host && s.Kind == Ran && s.State != event.Began && s.Ended() <= wait.Began && s.Ended() >= ended {
			found, ended = i, s.Ended()
		}
	}
	return found
}
