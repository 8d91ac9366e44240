// Package ui is the screen: it turns the events of the work into lines, errors into advice and
// rows into tables. Progress, notes and errors go to stderr; stdout carries only what the user
// asked for. It decides nothing, and knows neither hosts nor deploys.
package ui

import (
	"bufio"
	"io"
	"strings"
	"sync"

	"mrsk/internal/event"
)

// Level says how much is shown.
type Level int

// The levels: Quiet shows errors only, Verbose also commands, their output and durations.
const (
	Quiet   Level = -1
	Normal  Level = 0
	Verbose Level = 1
)

// Options says where the screen is and what it can do.
type Options struct {
	In         io.Reader // answers to questions
	Out        io.Writer // what was asked for
	Err        io.Writer // progress and errors
	InTerminal bool      // In is a person
	Terminal   bool      // Err is a terminal: a last line shows what is running
	Color      bool      // see WantsColor
	Width      int       // columns of the terminal; 0 means 80
	Level      Level
	Hide       func(text string) string // what programs wrote, without secrets; nil leaves it as it is
}

// UI is the screen. It is safe for use by many goroutines.
type UI struct {
	mu      sync.Mutex
	options Options
	paint   palette
	live    live
	remind  reminder
	in      *bufio.Reader
	broken  bool // stderr cannot be written to; nothing more is tried
}

// New makes a screen. Nil writers and a nil reader are empty ones.
func New(o Options) *UI {
	if o.In == nil {
		o.In = strings.NewReader("")
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Err == nil {
		o.Err = io.Discard
	}
	if o.Width <= 0 {
		o.Width = 80
	}
	if o.Hide == nil {
		o.Hide = func(text string) string { return text }
	}
	return &UI{options: o, paint: palette(o.Color), in: bufio.NewReader(o.In)}
}

// Sink returns where the work sends its events.
func (u *UI) Sink() event.Sink { return u.show }

// Out returns stdout. Writing to it first takes the line away that shows what is running, so
// that the two do not mix on a terminal.
func (u *UI) Out() io.Writer { return stdout{u} }

// Fail shows err on stderr, at every level.
func (u *UI) Fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.print(u.paint.report(u.options.Hide(Error(err))))
}

// Close takes the line away that shows what is running, and draws it no more: the terminal may belong
// to another program now. The UI can be used on afterwards.
func (u *UI) Close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.write(u.live.clear())
	u.options.Terminal = false
	u.remind.stop()
}

func (u *UI) show(e event.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.options.Level == Quiet {
		return
	}
	u.live.follow(e)
	var text strings.Builder
	for _, l := range u.lines(e) {
		text.WriteString(u.paint.line(l) + "\n")
	}
	u.print(text.String())
	u.awaited(text.String())
}

// print writes text above the line that shows what is running.
func (u *UI) print(text string) {
	status := ""
	if u.options.Terminal {
		status = u.live.render(u.options.Width)
	}
	u.write(u.live.replace(text, status, u.paint))
}

func (u *UI) write(text string) {
	if text == "" || u.broken {
		return
	}
	_, err := io.WriteString(u.options.Err, text)
	u.broken = err != nil
}

type stdout struct{ u *UI }

// Write passes p on to stdout, unchanged.
func (s stdout) Write(p []byte) (int, error) {
	s.u.mu.Lock()
	defer s.u.mu.Unlock()
	s.u.write(s.u.live.clear())
	return s.u.options.Out.Write(p)
}
