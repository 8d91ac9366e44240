package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/timings"
)

// timeline shows hosts as rows and time from left to right.
type timeline struct {
	Ticks  []tick
	Rows   []row
	Gates  []tick // when gates opened
	Legend []sample
}

// tick is a place on the axis.
type tick struct{ X, Label string }

// row is a host, or the stages of the work.
type row struct {
	Name  string
	Lanes []lane
}

// lane is a part of a row in which no two bars overlap.
type lane struct{ Bars []bar }

// bar is a span of a row.
type bar struct {
	X, Width string
	Look     string // class
	Critical bool
	Step     int    // number of the step to which the bar leads, 0 for none
	Label    string // inside of the bar, "" if there is no room
	Title    string

	began, ended time.Duration
}

// sample explains a look.
type sample struct{ Look, Text string }

// looks are all looks of bars, in the order of the legend.
var looks = []sample{
	{"queued", "waits for its turn to log in"},
	{"connecting", "logs in"},
	{"sent", "work or order under way to the host"},
	{"gate", "waits at a gate for other hosts"},
	{"ran", "runs a step"},
	{"failed", "step failed"},
	{"ignored", "step failed, ignored"},
	{"undone", "undo of a step"},
	{"cancelled", "step cancelled"},
	{"began", "step has not ended"},
}

// look returns the look of a span.
func look(s timings.Span) string {
	switch {
	case s.Kind != timings.Ran:
		return string(s.Kind)
	case s.State == event.Done:
		return "ran"
	}
	return string(s.State)
}

func (v view) timeline() timeline {
	t := timeline{Ticks: v.ticks()}
	if len(v.bands) > 0 {
		t.Rows = append(t.Rows, row{Name: "stages", Lanes: v.lanes(v.stageBars())})
	}
	seen := map[string]bool{}
	for _, name := range v.hostNames() {
		var bars []bar
		for i, s := range v.measured.Spans {
			if s.Host == name && !unseen(s) {
				bars = append(bars, v.bar(i, s))
				seen[look(s)] = true
			}
		}
		if len(bars) > 0 {
			t.Rows = append(t.Rows, row{Name: v.machine(name), Lanes: v.lanes(bars)})
		}
	}
	for i, g := range v.measured.Gates() {
		t.Gates = append(t.Gates, tick{X: v.percent(g.Opened), Label: fmt.Sprint(i + 1)})
	}
	t.Legend = slices.DeleteFunc(slices.Clone(looks), func(s sample) bool { return !seen[s.Look] })
	return t
}

// unseen reports whether a span is a wait that was none.
func unseen(s timings.Span) bool { return s.Kind != timings.Ran && s.Took < time.Millisecond }

// hostNames are the operator's machine, the hosts of the app, and then others, such as those of accessories.
func (v view) hostNames() []string {
	names := append([]string{""}, v.work.Hosts...)
	for _, s := range v.measured.Spans {
		if !slices.Contains(names, s.Host) {
			names = append(names, s.Host)
		}
	}
	return names
}

// machine is the name of a host, as on the screen.
func (v view) machine(host string) string { return cmp.Or(v.clean(host), "local") }

// bar returns the bar of a span. Steps have the number of their span plus one.
func (v view) bar(i int, s timings.Span) bar {
	b := bar{Look: look(s), Critical: s.Critical, Title: v.title(s), began: s.Began, ended: s.Ended()}
	if s.Kind == timings.Ran {
		b.Step = i + 1
	}
	if s.Kind == timings.Ran && s.State != event.Ignored { // hatches are no ground for words
		b.Label = v.clean(s.Name)
	}
	return v.placed(b)
}

// title is what a bar says when it is pointed at.
func (v view) title(s timings.Span) string {
	text := v.clean(s.Name)
	switch s.Kind {
	case timings.Ran:
		if s.State != event.Done {
			text += ": " + string(s.State)
		}
	default:
		text = v.wait(s)
	}
	return text + ", " + lasted(s.Took) + " from " + since(s.Began)
}

// wait says what a host waited for.
func (v view) wait(s timings.Span) string {
	switch event.Wait(s.Kind) {
	case event.Queued:
		return "queued"
	case event.Connecting:
		return "connect"
	case event.Sent:
		return "sent"
	}
	return cmp.Or(v.clean(s.Name), "gate")
}

func (v view) stageBars() []bar {
	var bars []bar
	for _, b := range v.bands {
		name, look := v.clean(b.name), "stage"
		if b.undo {
			look = "stage back"
		}
		began, ended := b.began.Sub(v.run.Began), v.bandEnd(b).Sub(v.run.Began)
		title := "stage " + name + ", " + lasted(ended-began) + " from " + since(began)
		bars = append(bars, v.placed(bar{Look: look, Label: name, Title: title, began: began, ended: ended}))
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(a.began, b.began) })
	return bars
}

// bandEnd is when all hosts had come to the end of a stage. If one never did, it is when the next stage began.
func (v view) bandEnd(b *band) time.Time {
	if b.missing <= 0 {
		return b.end
	}
	for _, next := range v.bands {
		if next.began.After(b.end) {
			return next.began
		}
	}
	return v.run.Ended
}

const (
	narrowest = 0.15 // percent of the width that a bar has at least
	forLabel  = 2.5  // percent that a label needs at least
)

// placed sets where a bar is.
func (v view) placed(b bar) bar {
	x, end := v.share(b.began), v.share(b.ended)
	width := max(end-x, narrowest)
	x = min(x, 100-width)
	b.X, b.Width = percent(x), percent(width)
	if width < forLabel {
		b.Label = ""
	}
	return b
}

// share returns the place of a time on the axis in percent.
func (v view) share(at time.Duration) float64 {
	if v.measured.Took <= 0 {
		return 0
	}
	return min(max(100*float64(at)/float64(v.measured.Took), 0), 100)
}

func (v view) percent(at time.Duration) string { return percent(v.share(at)) }

func percent(share float64) string { return fmt.Sprintf("%.3f%%", share) }

// lanes puts bars into as few lanes as they need. Both streams of a host's script tell of steps, so that a step may seem
// to begin a moment before the end of the one before it.
func (v view) lanes(bars []bar) []lane {
	var lanes []lane
	var ends []time.Duration
	moment := v.measured.Took / 200
	for _, b := range bars {
		at := slices.IndexFunc(ends, func(end time.Duration) bool { return b.began >= end-moment })
		if at < 0 {
			at = len(lanes)
			lanes, ends = append(lanes, lane{}), append(ends, 0)
		}
		lanes[at].Bars = append(lanes[at].Bars, b)
		ends[at] = max(ends[at], b.ended)
	}
	return lanes
}

// steps of the axis from which the first is taken that needs few ticks.
var tickSteps = []time.Duration{
	10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second,
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
}

const mostTicks = 8

func (v view) ticks() []tick {
	step := time.Hour
	for step*mostTicks < v.measured.Took {
		step *= 2
	}
	if at := slices.IndexFunc(tickSteps, func(d time.Duration) bool { return d*mostTicks >= v.measured.Took }); at >= 0 {
		step = tickSteps[at]
	}
	var ticks []tick
	for at := time.Duration(0); v.share(at) < 97 && len(ticks) <= mostTicks; at += step {
		ticks = append(ticks, tick{X: v.percent(at), Label: onAxis(at)})
		if v.measured.Took <= 0 {
			break
		}
	}
	return ticks
}

// onAxis is a round time.
func onAxis(at time.Duration) string {
	switch {
	case at == 0:
		return "0"
	case at < time.Second:
		return lasted(at)
	case at < time.Minute:
		return fmt.Sprintf("%g s", at.Seconds())
	}
	return lasted(at)
}
