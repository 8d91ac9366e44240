package report

import (
	"fmt"
	"strings"

	"mrsk/internal/event"
	"mrsk/internal/timings"
)

// gate is a gate that opened.
type gate struct {
	Number int
	Name   string
	Opened string
	Last   string // the host that came last
	Step   string // what it did before, "" if it is not known
	Link   int    // number of that step, 0 for none
	Waits  string // how long others waited
}

// host is a machine and its steps.
type host struct {
	Name  string
	Steps []shownStep
}

// shownStep is a step with its output.
type shownStep struct {
	Number   int
	Name     string
	Look     string
	State    string // "" if it is done
	At, Took string
	Critical bool
	Minor    bool // the screen shows it only if it is asked for more
	Open     bool
	Waits    []string // of the host before it
	Lines    []shownLine
}

// shownLine is a line of a step's log.
type shownLine struct{ Look, Text string }

// gates are the gates of the run.
func (v view) gates() []gate {
	var all []gate
	for i, g := range v.measured.Gates() {
		shown := gate{Number: i + 1, Name: v.gateName(g.Name), Opened: since(g.Opened), Last: v.machine(g.Last), Waits: v.longestWait(g)}
		if g.For >= 0 {
			shown.Step, shown.Link = v.clean(v.measured.Spans[g.For].Name), g.For+1
		}
		all = append(all, shown)
	}
	return all
}

func (v view) gateName(name string) string {
	if name == "" {
		return "gate"
	}
	return v.clean(name)
}

// longestWait says which host waited longest at a gate.
func (v view) longestWait(g timings.Gate) string {
	longest := v.measured.Spans[g.Waits[0]]
	for _, i := range g.Waits[1:] {
		if s := v.measured.Spans[i]; s.Took > longest.Took {
			longest = s
		}
	}
	if longest.Host == g.Last || unseen(longest) {
		return ""
	}
	return v.machine(longest.Host) + " waited " + lasted(longest.Took)
}

// hosts are all machines that ran steps.
func (v view) hosts() []host {
	var all []host
	for _, name := range v.hostNames() {
		if steps := v.stepsOf(name); len(steps) > 0 {
			all = append(all, host{v.machine(name), steps})
		}
	}
	return all
}

// stepsOf returns the steps of a host. A step has the waits of the host before it.
func (v view) stepsOf(name string) []shownStep {
	var all []shownStep
	var waits []string
	for i, s := range v.measured.Spans {
		switch {
		case s.Host != name, unseen(s):
		case s.Kind == timings.Ran:
			all = append(all, v.shownStep(i, s, waits))
			waits = nil
		default:
			waits = append(waits, v.wait(s)+", "+lasted(s.Took))
		}
	}
	return all
}

func (v view) shownStep(i int, s timings.Span, waits []string) shownStep {
	kept := v.steps[s.Moment]
	out := shownStep{
		Number: i + 1, Name: v.clean(s.Name), Look: look(s), At: since(s.Began), Took: lasted(s.Took),
		Critical: s.Critical, Minor: kept.minor && s.State == event.Done, Open: s.State == event.Failed, Waits: waits,
	}
	if s.State != event.Done {
		out.State = map[event.State]string{event.Began: "not ended", event.Ignored: "failed (ignored)"}[s.State]
		if out.State == "" {
			out.State = string(s.State)
		}
	}
	out.Lines = v.lines(kept)
	return out
}

// lines are the command of a step, its output, and why it failed.
func (v view) lines(s *step) []shownLine {
	var all []shownLine
	add := func(look, before, text string) {
		if text = v.clean(text); text != "" {
			all = append(all, shownLine{look, before + text})
		}
	}
	add("command", "$ ", cut(v.hide(s.shown)))
	for _, l := range s.log.head {
		all = append(all, v.line(l))
	}
	if s.log.dropped > 0 {
		add("left-out", "", fmt.Sprintf("(%d lines left out)", s.log.dropped))
	}
	for _, l := range s.log.tail {
		all = append(all, v.line(l))
	}
	add("failure", "", v.failure(s, len(s.log.head) > 0))
	return all
}

// failure says why a step failed. The first line is enough if the rest of it stands above: it is output of the step.
func (v view) failure(s *step, hasOutput bool) string {
	text := v.hide(s.failure)
	if hasOutput {
		text, _, _ = strings.Cut(text, "\n")
	}
	return text
}

func (v view) line(l line) shownLine {
	if l.stream == answers {
		return shownLine{answers, "answer: " + v.clean(l.text)}
	}
	return shownLine{l.stream, v.clean(l.text)}
}
