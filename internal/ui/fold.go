package ui

import (
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
)

// foldFor is how long a line waits for hosts that may say the same.
const foldFor = time.Second

// folder holds lines about steps that are done, so that hosts which say the same share a line. It is for screens
// that are not a terminal.
type folder struct {
	held  []foldedLine // in the order in which they came
	timer *time.Timer  // ends the wait; nil if nothing is held
}

// foldedLine is a line of some hosts of a stage.
type foldedLine struct {
	line
	hosts []string
	stage *event.Stage
}

func (f foldedLine) complete() bool { return len(f.hosts) == len(f.stage.Hosts) }

// shared is the line, with its hosts in the order of the stage. They are counted if all of many say it.
func (f foldedLine) shared() line {
	slices.SortFunc(f.hosts, func(a, b string) int { return slices.Index(f.stage.Hosts, a) - slices.Index(f.stage.Hosts, b) })
	l := f.line
	l.host = strings.Join(cleanAll(f.hosts), ", ")
	if f.complete() {
		l.host = few(cleanAll(f.hosts))
	}
	return l
}

// hold adds the line of a host. It joins a line that is held, unless the host has said something else since.
func (f *folder) hold(host string, l line, stage *event.Stage) {
	for i, h := range slices.Backward(f.held) {
		if slices.Contains(h.hosts, host) {
			break
		}
		if h.text == l.text && h.tone == l.tone && h.stage == stage {
			f.held[i].hosts = append(h.hosts, host)
			return
		}
	}
	f.held = append(f.held, foldedLine{l, []string{host}, stage})
}

// take returns the lines that no host can join any more, up to the first that one can; all of them if all is set.
func (f *folder) take(all bool) []line {
	var lines []line
	for len(f.held) > 0 && (all || f.held[0].complete()) {
		lines = append(lines, f.held[0].shared())
		f.held = f.held[1:]
	}
	if len(f.held) == 0 && f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	return lines
}

// fold returns the lines to show of e, of which lines would be shown alone. Lines about steps that are done wait
// for other hosts; all others end the wait, so that the order stays true.
func (u *UI) fold(e event.Event, lines []line) []line {
	s, isStep := e.(event.Step)
	if len(lines) == 0 {
		return nil
	}
	if !isStep || s.Host == "" || s.State != event.Done || u.options.Terminal || u.options.Level != Normal {
		return append(u.folder.take(true), lines...)
	}
	stage := u.board.host(s.Host).stage
	if stage == nil || len(stage.Hosts) < 2 {
		return append(u.folder.take(true), lines...)
	}
	u.folder.hold(s.Host, lines[0], stage)
	shown := u.folder.take(false)
	if len(u.folder.held) > 0 && u.folder.timer == nil {
		u.folder.timer = time.AfterFunc(foldFor, u.unfoldLate)
	}
	return shown
}

// unfold shows what is held, and returns the text of it.
func (u *UI) unfold() string {
	text := u.painted(u.folder.take(true))
	if text != "" {
		u.print(text)
	}
	return text
}

// unfoldLate is called by the timer. What it prints begins a new pause until a reminder.
func (u *UI) unfoldLate() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if text := u.unfold(); text != "" {
		u.awaited(text)
	}
}

func (u *UI) painted(lines []line) string {
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(u.paint.line(l) + "\n")
	}
	return text.String()
}
