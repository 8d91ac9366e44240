package ui

import (
	"fmt"
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
		return split("", e.Text, bold)
	case event.Note:
		return split(e.Host, u.options.Hide(e.Text), plain)
	case event.Warning:
		return split(e.Host, "warning: "+u.options.Hide(e.Text), yellow)
	case event.Line:
		return u.outputLines(e, verbose)
	case event.Step:
		return u.stepLines(e, verbose)
	}
	return nil
}

func (u *UI) outputLines(e event.Line, verbose bool) []line {
	if !verbose && !e.Loud {
		return nil
	}
	return []line{{machine(e.Host), clean(e.Step) + " | " + clean(u.options.Hide(e.Text)), dim}}
}

// stepLines shows what became of steps, and what has begun on this machine: that can take long.
// On a terminal the running line tells the latter.
func (u *UI) stepLines(e event.Step, verbose bool) []line {
	host := machine(e.Host)
	if e.VerboseOnly && !verbose && e.State != event.Failed {
		return nil
	}
	if e.State == event.Began {
		if !verbose && (u.options.Terminal || e.Host != "") {
			return nil
		}
		return append([]line{{host, clean(e.Name), plain}}, command(e, verbose)...)
	}
	text := clean(e.Name) + ": " + u.outcome(e)
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
