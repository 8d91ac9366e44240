package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
)

const (
	widestRow = 100 // columns, so that times stay near to what they belong to
	mostRows  = 8   // hosts with a row of their own; more are folded
	gap       = "  "
)

// picture returns the rows at the end of the terminal: those of the work on hosts, or one about what runs now.
func (u *UI) picture(now time.Time) []row {
	width, height := u.size()
	if !u.board.on() {
		return u.inASCII(cutAll(u.live.row(u.shown, u.glyph(busy)), width-1))
	}
	width = min(width-1, widestRow)
	rows := []row{u.header(now, width)}
	own := u.ownRows(now)
	hosts := u.hostRows(now, max(height-2-len(own), 1))
	all := append(own, hosts...)
	label := 0
	for _, r := range all {
		label = max(label, columns(r.label))
	}
	label = min(label, width/3)
	for _, r := range all {
		rows = append(rows, r.fit(label, width))
	}
	return u.inASCII(rows)
}

// inASCII replaces the dots of texts that were cut, where the terminal shows only ASCII.
func (u *UI) inASCII(rows []row) []row {
	if u.options.ASCII {
		for _, r := range rows {
			for i := range r {
				r[i].text = strings.ReplaceAll(r[i].text, "…", "~")
			}
		}
	}
	return rows
}

func cutAll(rows []row, width int) []row {
	for i, r := range rows {
		rows[i] = r.cut(width)
	}
	return rows
}

// header says what is done, to which version, since when.
func (u *UI) header(now time.Time, width int) row {
	w := u.board.work
	before, after := clean(w.Doing), ""
	if w.Version != "" {
		before += " " + clean(u.shown(w.Version))
	}
	if len(w.Was) > 0 {
		after = " (was " + clean(u.shown(strings.Join(w.Was, " and "))) + ")"
	}
	clock := whole(now.Sub(u.board.began))
	room := width - columns(before) - columns(after) - columns(clock) - len(gap)
	if room < 0 {
		after = ""
	}
	if subject := clean(w.Subject); subject != "" && room >= 12 {
		before += ` "` + cut(subject, room-3) + `"`
	}
	return row{{before, bold}, {after, plain}}.right(clock, width)
}

// stateRow is a row about a host, or about the operator's machine.
type stateRow struct {
	label   string
	done    []span // what is done, the first first
	doing   span   // what runs, failed or is waited for
	clock   string // how long it has run
	state   string // what it says, without times; equal ones can share a row
	urgency int    // rows with more of it stay if there is no room for all
	hosts   int    // how many it is about
}

// fit lays a row out in width columns. What was done first is left out first, and then the clock.
func (r stateRow) fit(label, width int) row {
	head := span{gap + pad(cut(r.label, label), label) + gap, bold}
	for done := r.done; ; done = done[1:] {
		out := row{head}
		for _, d := range done {
			out = append(out, d, span{gap, plain})
		}
		out = append(out, r.doing)
		fits := out.width()+columns(gap+r.clock) <= width
		if len(done) == 0 && !fits {
			return out.cut(width)
		}
		if fits {
			return out.right(r.clock, width)
		}
	}
}

// ownRows are those of the operator's machine: the build, and what else runs or failed there.
func (u *UI) ownRows(now time.Time) []stateRow {
	var rows []stateRow
	if u.board.build.State != "" {
		rows = append(rows, u.buildRow(now))
	}
	if u.board.build.State == event.Began {
		return rows
	}
	r := stateRow{label: here}
	u.doing(&r, &u.board.local, now)
	if r.doing.text != "" && u.board.build.State != event.Failed {
		rows = append(rows, r)
	}
	return rows
}

func (u *UI) buildRow(now time.Time) stateRow {
	b, r := u.board.build, stateRow{label: "build"}
	switch b.State {
	case event.Began:
		r.doing, r.clock = span{u.glyph(busy), plain}, clock(now.Sub(b.began), 0)
		if step, found := u.live.on(""); found {
			r.doing.text += " " + clean(u.shown(step.name))
			if step.output != "" {
				r.doing = span{r.doing.text + " | " + strings.ReplaceAll(step.output, "\t", " "), dim}
			}
		}
	case event.Done:
		r.done = []span{{u.glyph(checks) + " " + lasted(b.Took), green}}
		if b.Size > 0 {
			r.doing = span{" " + amount(b.Added) + " new of " + amount(b.Size), plain}
		}
	default:
		r.doing = span{u.glyph(crosses) + " " + string(b.State), red}
	}
	return r
}

// hostRows are those of the hosts, at most room. If there are many, hosts in the same state share a row.
func (u *UI) hostRows(now time.Time, room int) []stateRow {
	var rows []stateRow
	names := map[int][]string{} // of each row
	at := map[string]int{}      // the row of a state
	foldEqual := len(u.board.hosts) > min(mostRows, room)
	for _, h := range u.board.hosts {
		r := u.hostRow(h, now)
		if r.doing.text == "" && !u.board.concerns(h) {
			continue
		}
		i, known := at[r.state]
		if !known || !foldEqual {
			rows = append(rows, r)
			i = len(rows) - 1
			at[r.state] = i
		}
		rows[i].clock = later(rows[i].clock, r.clock)
		names[i] = append(names[i], clean(h.name))
	}
	for i := range rows {
		rows[i].label, rows[i].hosts = someNames(names[i]), len(names[i])
	}
	return mostUrgent(rows, room)
}

// later returns the longer of two clocks.
func later(a, b string) string {
	if len(b) > len(a) || len(b) == len(a) && b > a {
		return b
	}
	return a
}

// mostUrgent returns at most room rows. The last one counts the hosts of those that are left out.
func mostUrgent(rows []stateRow, room int) []stateRow {
	if len(rows) <= room {
		return rows
	}
	levels := make([]int, len(rows))
	for i, r := range rows {
		levels[i] = r.urgency
	}
	slices.Sort(levels)
	least := levels[len(levels)-room+1:]
	var out []stateRow
	others := 0
	for _, r := range rows {
		if at := slices.Index(least, r.urgency); at >= 0 {
			out, least = append(out, r), slices.Delete(least, at, at+1)
		} else {
			others += r.hosts
		}
	}
	return append(out, stateRow{doing: span{fmt.Sprintf("and %d more hosts", others), dim}})
}

func (u *UI) hostRow(h *hostState, now time.Time) stateRow {
	r := stateRow{}
	for _, d := range h.done {
		text := u.glyph(checks) + " " + clean(d.Done)
		if d.Sent > 0 {
			text += " " + amount(d.Sent)
		}
		if d.Took >= time.Second {
			text += " " + lasted(d.Took)
		}
		r.done = append(r.done, span{text, green})
		r.state += d.Done + "\n"
	}
	u.doing(&r, h, now)
	if step, runs := u.live.on(h.name); runs && step.progress != "" {
		r.state += step.name
	} else {
		r.state += r.doing.text
	}
	return r
}

// doing adds what a host does, waits for, or has failed with.
func (u *UI) doing(r *stateRow, h *hostState, now time.Time) {
	step, runs := u.live.on(h.name)
	undoing := h.stage != nil && h.stage.Undo && !h.over
	switch {
	case h.failed != "" && !undoing:
		r.doing, r.urgency = span{u.glyph(crosses) + " " + clean(u.shown(u.options.Hide(h.failed))), red}, 3
	case undoing:
		r.doing, r.urgency = span{u.glyph(busy) + " undoing", yellow}, 2
	case runs:
		r.doing, r.urgency = span{u.glyph(busy) + " " + u.activity(step), plain}, 2
		r.clock = clock(now.Sub(step.began), step.probe.Limit)
	case h.waits == event.Queued || h.waits == event.Connecting:
		r.doing, r.urgency = span{u.glyph(busy) + " connecting", plain}, 2
		r.clock = clock(now.Sub(h.since), 0)
	default:
		if others := u.board.waitsFor(h); len(others) > 0 {
			r.doing, r.urgency = span{"waits for " + someNames(cleanAll(others)), dim}, 1
		}
	}
}

// activity is what a step does now: the answer to a probe, its progress, or its name.
func (u *UI) activity(r running) string {
	switch {
	case r.probe.Answer != "":
		return clean(r.probe.Answer)
	case r.progress != "":
		return r.progress
	}
	return clean(u.shown(r.name))
}

// clock is how long something has run, and of how long at most; "" in the first second.
func clock(d, limit time.Duration) string {
	d = d.Truncate(time.Second)
	switch {
	case d < time.Second:
		return ""
	case limit > 0:
		return fmt.Sprintf("%.0f s of %.0f", d.Seconds(), limit.Seconds())
	}
	return whole(d)
}

// whole is a duration in whole seconds.
func whole(d time.Duration) string {
	if d = d.Truncate(time.Second); d < time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return lasted(d)
}

// namesInRow is how many hosts a row names that have one state.
const namesInRow = 2

func someNames(names []string) string {
	if len(names) <= namesInRow+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namesInRow], ", "), len(names)-namesInRow)
}

func cleanAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = clean(text)
	}
	return out
}
