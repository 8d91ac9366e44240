package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"mrsk/internal/event"
)

// live is the last line of a terminal: the steps that run now, the one that began last first,
// with its newest output.
type live struct {
	running []running
	shown   string
}

type running struct{ host, name, output, progress string }

// follow takes note of what e began, ended or printed.
func (l *live) follow(e event.Event) {
	switch e := e.(type) {
	case event.Step:
		l.drop(e.Host, e.Name)
		if e.State == event.Began {
			l.running = append(l.running, running{host: e.Host, name: e.Name})
		}
	case event.Line:
		if at := l.find(e.Host, e.Step); at >= 0 {
			l.running[at].output = clean(e.Text)
		}
	case event.Progress:
		if at := l.find(e.Host, e.Step); at >= 0 {
			l.running[at].progress = progress(e)
		}
	}
}

func (l *live) find(host, name string) int {
	for i, r := range l.running {
		if r.host == host && r.name == name {
			return i
		}
	}
	return -1
}

func (l *live) drop(host, name string) {
	if at := l.find(host, name); at >= 0 {
		l.running = append(l.running[:at], l.running[at+1:]...)
	}
}

// render returns the line, cut to fit in width columns: a line that wraps cannot be taken away.
func (l *live) render(width int) string {
	if len(l.running) == 0 {
		return ""
	}
	last := l.running[len(l.running)-1]
	text := "… " + machine(last.host) + ": "
	if last.progress != "" {
		text += last.progress + " | " // first, because the names of images are long
	}
	text += clean(last.name)
	if others := len(l.running) - 1; others > 0 {
		text += fmt.Sprintf(" (+%d)", others)
	}
	if last.output != "" {
		text += " | " + last.output
	}
	return cut(strings.ReplaceAll(text, "\t", " "), width-1)
}

// replace returns what to write so that text stands where the line was, and status below it.
func (l *live) replace(text, status string, p palette) string {
	if text == "" && status == l.shown {
		return ""
	}
	out := l.clear() + text + p.in(dim, status)
	l.shown = status
	return out
}

// clear returns what to write to take the line away.
func (l *live) clear() string {
	if l.shown == "" {
		return ""
	}
	l.shown = ""
	return "\r\x1b[K"
}

func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(width-1, 0)]) + "…"
}
