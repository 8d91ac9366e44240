package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Located is an error with a position in a file. It is shown with the lines around that position. It may be
// wrapped.
type Located interface {
	error
	// Position returns the position. The text of Error may or may not begin with it.
	Position() yamltree.Pos
}

// HostError is an error of one host. A list of them is shown with one line per host; hosts with the same
// text share a line.
type HostError interface {
	error
	// HostName returns the host's name in the configuration. The text of Error may begin with it.
	HostName() string
}

// Hinted is an error with a hint. It may be wrapped.
type Hinted interface {
	// Hint says what the user can do, without the word "hint". It may be "".
	Hint() string
}

// Error returns err as the user sees it, in lines that end with a line feed:
//
//	✗ what the command was for, how far it came, and what runs now
//	error: what went wrong
//	  | further lines of its text, such as a program's output
//	hint: what to do
//
// The first line is only there for a FailedRollout. Errors that only join others are shown one after the
// other. Error reads the files that Located errors name.
func Error(err error) string { return New(Options{Level: Verbose}).report(err) }

func (u *UI) report(err error) string {
	if err == nil {
		return ""
	}
	r := &report{}
	end, isRollout := rolloutIn(err)
	if isRollout {
		r.text.WriteString(u.failedRollout(end) + "\n")
	}
	r.add("", err)
	if isRollout && len(r.hints) == 0 {
		r.hint(next(end))
	}
	return r.text.String()
}

// report builds the text of an error.
type report struct {
	text  strings.Builder
	hints []string // those written already
}

func (r *report) add(prefix string, err error) {
	l, ok := listIn(err)
	if !ok {
		r.single(prefix, err)
		return
	}
	prefix = join(prefix, l.heading())
	failed, others := byHost(l.items)
	r.hosts(prefix, failed)
	for _, item := range others {
		r.add(prefix, item)
	}
	r.hint(l.hints()...)
}

func (r *report) single(prefix string, err error) {
	text := err.Error()
	var at Located
	located := errors.As(err, &at)
	if place := position(at, located); place != "" && !strings.Contains(text, place) {
		text = join(place, text)
	}
	r.lines("error: ", "  | ", join(prefix, text))
	if located {
		r.text.WriteString(excerpt(at.Position()))
	}
	r.hint(hintsOf(err)...)
}

func position(at Located, ok bool) string {
	if !ok {
		return ""
	}
	return at.Position().String()
}

// hosts writes the failures of hosts. If all have the same text it is one line, else a count and one line per
// text.
func (r *report) hosts(prefix string, failed []HostError) {
	folded := fold(failed)
	if len(folded) == 1 {
		r.lines("error: ", "  | ", join(prefix, folded[0].String()))
	}
	if len(folded) > 1 {
		r.lines("error: ", "  | ", join(prefix, fmt.Sprintf("%d hosts failed", countHosts(folded))))
		for _, f := range folded {
			r.lines("  ", "    | ", f.String())
		}
	}
	for _, f := range folded {
		r.hint(f.hints()...)
	}
}

// lines writes text with first before its first line and next before the others.
func (r *report) lines(first, next, text string) {
	for i, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			first = next
		}
		r.text.WriteString(strings.TrimRight(first+clean(l), " ") + "\n")
	}
}

func (r *report) hint(hints ...string) {
	for _, h := range hints {
		if !slices.Contains(r.hints, h) {
			r.hints = append(r.hints, h)
			r.lines("hint: ", "      ", h)
		}
	}
}

// join joins two texts by a colon. If one is empty it returns the other.
func join(prefix, text string) string {
	if prefix == "" || text == "" {
		return prefix + text
	}
	return prefix + ": " + text
}
