package timings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
)

const (
	mostLegs = 6  // in the line about the critical path
	mostRows = 40 // in the table
)

// Line returns the critical path in one line, such as "12.4 s: build 7.2, pull 2.1 on vm2, other 3.1". It
// names the longest parts in the order in which they began.
func (r Report) Line() string {
	legs := together(r.Path)
	shown := longest(legs, mostLegs, func(l Leg) time.Duration { return l.Took })
	rest := r.Took
	var parts []string
	for _, l := range shown {
		rest -= l.Took
		parts = append(parts, l.String())
	}
	if seconds(rest) != seconds(0) {
		parts = append(parts, "other "+seconds(rest))
	}
	return seconds(r.Took) + " s: " + strings.Join(parts, ", ")
}

// together adds up the legs of the same work. It leaves out time in which nothing ran.
func together(legs []Leg) []Leg {
	var out []Leg
	at := map[Leg]int{}
	for _, l := range legs {
		key := l
		key.Took = 0
		i, known := at[key]
		switch {
		case l.Kind == "":
		case known:
			out[i].Took += l.Took
		default:
			at[key] = len(out)
			out = append(out, l)
		}
	}
	return out
}

// longest returns the n longest items that last at least a tenth of a second, in their order.
func longest[T any](all []T, n int, took func(T) time.Duration) []T {
	at := make([]int, 0, len(all))
	for i := range all {
		if took(all[i]) >= time.Second/10 {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(took(all[b]), took(all[a])) })
	at = at[:min(n, len(at))]
	slices.Sort(at)
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = all[j]
	}
	return out
}

// String returns the leg as a part of Line.
func (l Leg) String() string {
	text := l.what() + " " + seconds(l.Took)
	if l.Host != "" {
		text += " on " + l.Host
	}
	return text
}

func (l Leg) what() string {
	switch l.Kind {
	case Ran:
		return stepName(l.Name, l.State)
	case Kind(event.Queued):
		return "wait for a turn to log in"
	case Kind(event.Connecting):
		return "connect"
	case Kind(event.Sent):
		return "send"
	}
	return string(l.Kind)
}

func stepName(name string, state event.State) string {
	if state == event.Undone {
		return "undo: " + name
	}
	return name
}

// Header is the first row of the table.
func Header() []string {
	return []string{"at", "host", "queued", "connect", "sent", "gate", "ran", "step"}
}

// Rows returns the longest steps as rows of a table, and how many others there are. All times are in
// seconds.
func (r Report) Rows() (rows [][]string, others int) {
	shown := longest(r.Steps, mostRows, Step.total)
	for _, s := range shown {
		rows = append(rows, s.row())
	}
	return rows, len(r.Steps) - len(shown)
}

func (s Step) total() time.Duration {
	total := s.Ran
	for _, d := range s.Waited {
		total += d
	}
	return total
}

func (s Step) row() []string {
	name := stepName(s.Name, s.State)
	if s.State != event.Done && s.State != event.Undone && s.State != Waited {
		name += ": " + string(s.State)
	}
	return []string{
		seconds(s.Began), cmp.Or(s.Host, "local"),
		some(s.Waited[Kind(event.Queued)]), some(s.Waited[Kind(event.Connecting)]),
		some(s.Waited[Kind(event.Sent)]), some(s.Waited[Kind(event.AtGate)]), some(s.Ran), name,
	}
}

// some returns a duration that a reader has to see, and "-" for a short one.
func some(d time.Duration) string {
	if text := seconds(d); text != seconds(0) {
		return text
	}
	return "-"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
