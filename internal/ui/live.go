package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
)

// live is what runs now, in the order in which it began.
type live struct{ running []running }

type running struct {
	host, name string
	began      time.Time
	output     string // the newest line
	progress   string
	probe      event.Probe // the last answer; its Answer is "" if there is none
}

// follow takes note of what e began, ended or printed.
func (l *live) follow(e event.Event, now time.Time) {
	switch e := e.(type) {
	case event.Step:
		l.drop(e.Host, e.Name)
		if e.State == event.Began {
			l.running = append(l.running, running{host: e.Host, name: e.Name, began: now})
		}
	case event.Line:
		l.change(e.Host, e.Step, func(r *running) { r.output = clean(e.Text) })
	case event.Progress:
		l.change(e.Host, e.Step, func(r *running) { r.progress = progress(e) })
	case event.Probe:
		l.change(e.Host, e.Step, func(r *running) { r.probe = e })
	}
}

func (l *live) find(host, name string) int {
	return slices.IndexFunc(l.running, func(r running) bool { return r.host == host && r.name == name })
}

func (l *live) change(host, name string, do func(*running)) {
	if at := l.find(host, name); at >= 0 {
		do(&l.running[at])
	}
}

func (l *live) drop(host, name string) {
	if at := l.find(host, name); at >= 0 {
		l.running = slices.Delete(l.running, at, at+1)
	}
}

// on returns what began last on a host, and whether anything runs there.
func (l *live) on(host string) (last running, found bool) {
	for _, r := range slices.Backward(l.running) {
		if r.host == host {
			return r, true
		}
	}
	return running{}, false
}

// row is a line about what runs now: what began last, with its newest output, and the number of others. There is
// none if nothing runs. The names of steps are as shown returns them.
func (l *live) row(shown func(string) string, sign string) []row {
	if len(l.running) == 0 {
		return nil
	}
	last := l.running[len(l.running)-1]
	text := sign + " " + machine(last.host) + ": "
	if last.progress != "" {
		text += last.progress + " | " // first, because the names of images are long
	}
	text += clean(shown(last.name))
	if others := len(l.running) - 1; others > 0 {
		text += fmt.Sprintf(" (+%d)", others)
	}
	if last.output != "" {
		text += " | " + last.output
	}
	return []row{{{strings.ReplaceAll(text, "\t", " "), dim}}}
}
