package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
)

// FailedRollout is an error of a rollout that failed. It may be wrapped.
type FailedRollout interface {
	error
	// Rollout returns how the rollout ended.
	Rollout() event.RolloutEnd
}

func rolloutIn(err error) (end event.RolloutEnd, found bool) {
	var failed FailedRollout
	if errors.As(err, &failed) {
		return failed.Rollout(), true
	}
	return event.RolloutEnd{}, false
}

// rolloutLines shows a rollout that ended well, with the commands that one may want next:
//
//	✓ shop 3a4370a5b6c7 serves on vm1, vm2, vm3 · 22 s
//	  https://shop.example.com
//	  back: mrsk rollback 4fa4d9e12345        logs: mrsk logs -f
func (u *UI) rolloutLines(e event.RolloutEnd) []line {
	text := func(where string) string {
		return fmt.Sprintf("%s %s %s on %s %s %s", u.glyph(checks), u.subject(e), verb(e, 1), where, u.glyph(dots), lasted(e.Took))
	}
	first := text(few(e.Hosts))
	if !u.fits(first) {
		first = text(count(e.Hosts))
	}
	lines := split("", u.wrap(first), green)
	if e.URL != "" {
		lines = append(lines, line{text: "  " + clean(e.URL)})
	}
	return append(lines, u.beside(commands(e, u.shown(e.Back)))...)
}

// commands are what one may want to run after a rollout. back is the version to go back to, "" if there is
// none.
func commands(e event.RolloutEnd, back string) []string {
	var all []string
	if back != "" {
		all = append(all, "back: "+ofApp("rollback", e, back))
	}
	return append(all, "logs: "+ofApp("logs", e, "-f"))
}

// ofApp returns a command of mrsk for the same app and hosts. words follow the options.
func ofApp(name string, e event.RolloutEnd, words string) string {
	parts := []string{"mrsk", name, e.Options, words}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// beside shows texts in one line if the screen is wide enough, else each in its own.
func (u *UI) beside(texts []string) []line {
	one := "  " + strings.Join(texts, "        ")
	if u.fits(one) {
		return []line{{text: clean(one)}}
	}
	var lines []line
	for _, text := range texts {
		lines = append(lines, line{text: "  " + clean(text)})
	}
	return lines
}

// fits reports whether a line has room on the screen. In a file or a pipe every line has.
func (u *UI) fits(line string) bool {
	width, _ := u.size()
	return !u.options.Terminal || columns(line) <= width
}

// wrap breaks a line that does not fit between words. Further lines are indented.
func (u *UI) wrap(text string) string {
	lines := []string{""}
	for i, word := range strings.Split(text, " ") {
		last := &lines[len(lines)-1]
		switch {
		case i == 0:
			*last = word
		case u.fits(*last + " " + word):
			*last += " " + word
		default:
			lines = append(lines, "  "+word)
		}
	}
	return strings.Join(lines, "\n")
}

// subject names the app and its new version.
func (u *UI) subject(e event.RolloutEnd) string {
	return clean(strings.TrimSpace(e.App + " " + u.shown(e.Version)))
}

// failedRollout says how far a rollout came that failed, and what the hosts run now.
func (u *UI) failedRollout(e event.RolloutEnd) string {
	return u.wrap(clean(u.glyph(crosses) + " " + u.subject(e) + " " + u.became(e)))
}

func (u *UI) became(e event.RolloutEnd) string {
	failed, back := "failed", "was rolled back"
	if e.Interrupted {
		failed, back = "was interrupted", "rolled back"
	}
	switch e.Outcome {
	case event.LiveWithFaults:
		return "is kept on " + few(e.Hosts) + ", but not all is well"
	case event.Unclear:
		return failed + "; " + few(e.Unclear) + " may run either version" + u.now("; ", "", e, without(e.Before, e.Unclear))
	case event.RolledBack:
		return failed + " and " + back + u.now(": ", "", e, e.Before)
	case event.NotStarted:
		return failed + " before it started" + u.now(": ", "still ", e, e.Before)
	}
	return failed + " before any container changed" + u.now(": ", "still ", e, e.Before)
}

// now says what hosts run, with before in front of it; "" if that is not known.
func (u *UI) now(before, still string, e event.RolloutEnd, running []event.Running) string {
	var parts []string
	for _, r := range running {
		if r.Version == "" {
			parts = append(parts, few(r.Hosts)+" "+plural(len(r.Hosts), "runs", "run")+" no version")
		} else {
			parts = append(parts, few(r.Hosts)+" "+still+verb(e, len(r.Hosts))+" "+u.shown(r.Version))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return before + strings.Join(parts, "; ")
}

// without returns what hosts run, apart from some hosts.
func without(all []event.Running, hosts []string) []event.Running {
	var out []event.Running
	for _, r := range all {
		rest := slices.DeleteFunc(slices.Clone(r.Hosts), func(h string) bool { return slices.Contains(hosts, h) })
		if len(rest) > 0 {
			out = append(out, event.Running{Version: r.Version, Hosts: rest})
		}
	}
	return out
}

// next is what to do after a rollout that failed, if its errors do not say it.
func next(e event.RolloutEnd) string {
	switch e.Outcome {
	case event.LiveWithFaults, event.Unclear:
		return "run " + ofApp("status", e, "") + " to see what runs"
	}
	again := "run " + e.Again + " again"
	if e.Interrupted {
		return again + " to go on"
	}
	return "solve this, then " + again
}

func verb(e event.RolloutEnd, hosts int) string {
	if e.Routed {
		return plural(hosts, "serves", "serve")
	}
	return plural(hosts, "runs", "run")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// mostNames is up to how many hosts are named. More are counted.
const mostNames = 3

func few(hosts []string) string {
	if len(hosts) > mostNames {
		return count(hosts)
	}
	return strings.Join(hosts, ", ")
}

func count(hosts []string) string {
	return fmt.Sprintf("%d %s", len(hosts), plural(len(hosts), "host", "hosts"))
}

// lasted rounds to what a person remembers of a deploy.
func lasted(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
