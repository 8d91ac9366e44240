package ui

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"mrsk/internal/event"
)

// line is one line of the screen, before colour.
type line struct {
	host string // shown as a prefix; "" for lines about the whole run
	text string
	tone tone
}

func (l line) String() string {
	if l.host == "" {
		return l.text
	}
	return l.host + ": " + l.text
}

// here names the operator's machine, the host "" of steps and their output.
const here = "local"

// Text returns what a screen that shows everything says of e, without the host's name.
func Text(e event.Event) []string {
	var out []string
	everything := New(Options{Level: Verbose})
	for _, l := range everything.lines(e) {
		out = append(out, l.text)
	}
	return out
}

// lines says what e looks like at the level of u.
func (u *UI) lines(e event.Event) []line {
	verbose := u.options.Level == Verbose
	switch e := e.(type) {
	case event.Section:
		if u.inRows() {
			return nil
		}
		return split("", e.Text, bold)
	case event.Stage:
		return u.undoLines(e)
	case event.Note:
		return split(e.Host, u.shown(e.Text), plain)
	case event.Warning:
		return split(e.Host, "warning: "+u.shown(e.Text), yellow)
	case event.Line:
		return u.outputLines(e, verbose)
	case event.Step:
		return u.stepLines(e, verbose)
	case event.RolloutEnd:
		return u.rolloutLines(e)
	}
	return nil
}

// inRows reports whether the rows about hosts show progress, so that lines about it are not needed.
func (u *UI) inRows() bool {
	return u.options.Terminal && u.options.Level != Verbose && u.board.on()
}

// undoLines tells above the rows about hosts that these undo. Elsewhere the heading of that part tells it.
func (u *UI) undoLines(e event.Stage) []line {
	if !e.Undo || !u.inRows() {
		return nil
	}
	return []line{{text: "Undo: every host goes back to what it ran", tone: yellow}}
}

func (u *UI) outputLines(e event.Line, verbose bool) []line {
	if !verbose && !e.Loud {
		return nil
	}
	return []line{{machine(e.Host), clean(e.Step) + " | " + clean(e.Text), dim}}
}

// stepLines shows what became of steps, and what has begun on this machine: that can take long.
// On a terminal the running line tells the latter.
func (u *UI) stepLines(e event.Step, verbose bool) []line {
	host := machine(e.Host)
	if (e.VerboseOnly && !verbose || u.inRows()) && e.State != event.Failed {
		return nil
	}
	if e.State == event.Began {
		if !verbose && (u.options.Terminal || e.Host != "") {
			return nil
		}
		return append([]line{{host, clean(u.shown(e.Name)), plain}}, command(e, verbose)...)
	}
	text := clean(u.shown(e.Name)) + ": " + u.outcome(e)
	if (verbose || u.options.Terminal) && e.Took > 0 {
		text += " (" + took(e.Took) + ")"
	}
	return []line{{host, text, stateTones[e.State]}}
}

func command(e event.Step, verbose bool) []line {
	if !verbose || e.Shown == "" {
		return nil
	}
	lines := split(machine(e.Host), "$ "+e.Shown, dim)
	for i := range lines[1:] {
		lines[i+1].text = "> " + lines[i+1].text
	}
	return lines
}

var stateTones = map[event.State]tone{
	event.Done:      green,
	event.Failed:    red,
	event.Ignored:   dim,
	event.Undone:    yellow,
	event.Cancelled: yellow,
}

func (u *UI) outcome(e event.Step) string {
	switch e.State {
	case event.Failed:
		return u.failure(e.Err)
	case event.Ignored:
		return "failed (ignored)"
	}
	return string(e.State)
}

// failure is the first line of err: all of it follows at the end of the run.
func (u *UI) failure(err error) string {
	if err == nil {
		return "failed"
	}
	first, _, _ := strings.Cut(u.options.Hide(err.Error()), "\n")
	return "failed: " + clean(first)
}

// commit is a full commit of git, by itself or as a part of a container's name. A longer word, such as a
// digest, is none.
var commit = regexp.MustCompile(`\b[0-9a-f]{40}\b`)

// abbreviated is how many digits of a commit are shown, as in the ids of containers.
const abbreviated = 12

// shown abbreviates the versions in what mrsk itself says, which are full commits as a rule. A verbose
// screen has them in full. Errors and what programs print are never changed.
func (u *UI) shown(text string) string {
	if u.options.Level == Verbose {
		return text
	}
	return commit.ReplaceAllStringFunc(text, func(version string) string { return version[:abbreviated] })
}

// took rounds to what a person compares: tenths of a second, and milliseconds below.
func took(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func machine(host string) string {
	if host == "" {
		return here
	}
	return clean(host)
}

func split(host, text string, t tone) []line {
	var lines []line
	for part := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, line{clean(host), clean(part), t})
	}
	return lines
}
