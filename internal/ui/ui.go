// Package ui shows events, errors with hints, and tables on the screen. Progress, notes and errors go to
// stderr; stdout gets only the result that the user asked for. The package knows nothing about hosts and
// deploys.
package ui

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"mrsk/internal/event"
)

// Level is how much the screen shows.
type Level int

// The levels: Quiet shows errors only, Verbose also commands, their output and durations.
const (
	Quiet   Level = -1
	Normal  Level = 0
	Verbose Level = 1
)

// Options are the streams of a screen and their properties.
type Options struct {
	In         io.Reader // answers to questions
	Out        io.Writer // what was asked for
	Err        io.Writer // progress and errors
	InTerminal bool      // In is a person
	Terminal   bool      // Err is a terminal whose last lines can be drawn again: they show what is running
	Color      bool      // see WantsColor
	ASCII      bool      // the terminal shows no other characters, see WantsASCII
	Plain      bool      // words instead of signs, for screen readers
	Level      Level
	// Size returns the columns and lines of the terminal. It is called whenever something is drawn. Nil is 80 and 24,
	// and so are values below 1.
	Size func() (width, height int)
	Hide func(text string) string // what programs wrote, without secrets; nil leaves it as it is
}

// UI is the screen. It is safe for use by many goroutines.
type UI struct {
	mu      sync.Mutex
	options Options
	paint   palette
	block   block
	board   board
	live    live
	folder  folder
	remind  reminder
	drawn   time.Time   // when the block was last drawn
	tick    *time.Timer // draws the block again, nil if it need not be
	asking  bool        // a question stands in place of the block
	closed  bool        // the block is not drawn any more
	in      *bufio.Reader
	broken  bool // stderr cannot be written to; nothing more is tried
}

// New returns a screen. A nil writer discards its output, a nil reader is empty.
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
	if o.Size == nil {
		o.Size = func() (int, int) { return 0, 0 }
	}
	if o.Hide == nil {
		o.Hide = func(text string) string { return text }
	}
	return &UI{options: o, paint: palette(o.Color), in: bufio.NewReader(o.In)}
}

// Sink returns where the work sends its events.
func (u *UI) Sink() event.Sink { return u.show }

func (u *UI) size() (width, height int) {
	width, height = u.options.Size()
	if width < 1 {
		width = 80
	}
	if height < 1 {
		height = 24
	}
	return width, height
}

// Out returns stdout. A write to it first erases the block, so that the two do not mix on a terminal.
func (u *UI) Out() io.Writer { return stdout{u} }

// Fail shows err on stderr, at every level.
func (u *UI) Fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unfold()
	u.settle()
	u.print(u.paint.report(u.options.Hide(u.report(err))))
}

// Report shows text on stderr at the end of a command, at every level.
func (u *UI) Report(text string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unfold()
	u.settle()
	u.print(Clean(text))
}

// Close leaves the rows about hosts on the screen, erases the line about what runs, and draws neither again,
// because another program may use the terminal now. The UI can still be used.
func (u *UI) Close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unfold()
	u.settle()
	u.erase()
	u.closed = true
	u.remind.stop()
	u.drawIn(0)
}

func (u *UI) show(e event.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.options.Level == Quiet {
		return
	}
	now := time.Now()
	e = u.hidden(e)
	u.live.follow(e, now)
	u.board.follow(e, now)
	if _, ended := e.(event.RolloutEnd); ended {
		u.unfold()
		u.settle()
	}
	text := u.painted(u.fold(e, u.lines(e)))
	if wait := frame - now.Sub(u.drawn); text == "" && u.options.Terminal && wait > 0 {
		u.drawIn(wait)
	} else {
		u.print(text)
	}
	u.awaited(text)
}

// frame is the shortest time between two drawings of the block, unless a line is printed above it.
const frame = 50 * time.Millisecond

// print writes text above the block, and draws the block.
func (u *UI) print(text string) {
	u.drawn = time.Now()
	var rows []row
	if u.options.Terminal && !u.asking && !u.closed {
		rows = u.picture(u.drawn)
	}
	width, _ := u.size()
	u.write(u.block.replace(text, rows, width, u.paint))
	if len(rows) > 0 && u.board.on() {
		u.drawIn(time.Second)
	} else {
		u.drawIn(0)
	}
}

// drawIn draws the block again after some time; 0 is never.
func (u *UI) drawIn(wait time.Duration) {
	if u.tick != nil {
		u.tick.Stop()
		u.tick = nil
	}
	if wait > 0 {
		u.tick = time.AfterFunc(wait, u.redraw)
	}
}

// redraw is called by the timer, which may have been stopped just then.
func (u *UI) redraw() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tick != nil {
		u.print("")
	}
}

// erase takes the block away.
func (u *UI) erase() {
	width, _ := u.size()
	u.write(u.block.clear(width))
}

// settle leaves the rows about hosts on the screen as they are now. What comes next stands below them.
func (u *UI) settle() {
	if !u.board.on() {
		return
	}
	u.live = live{}
	if u.options.Terminal && u.options.Level != Quiet {
		u.print("")
	}
	u.block, u.board = block{}, board{}
	u.drawIn(0)
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
	s.u.unfold()
	s.u.erase()
	n, err := s.u.options.Out.Write(p)
	if s.u.board.on() && bytes.HasSuffix(p, []byte("\n")) {
		s.u.print("")
	}
	return n, err
}
