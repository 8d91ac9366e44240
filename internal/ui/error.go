package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Located is an error at a place in a file: shown with the lines of the file round it. It may
// be wrapped.
type Located interface {
	error
	// Position is the place; Error may begin with it or leave it out.
	Position() yamltree.Pos
}

// HostError is an error that happened on one host. Lists of them are shown one line per host,
// and equal ones are folded.
type HostError interface {
	error
	// HostName is the host as the configuration names it; Error may begin with it and a colon.
	HostName() string
}

// Hinted is an error that knows what the user can do about it. It may be wrapped.
type Hinted interface {
	// Hint is the advice, without the word "hint"; "" for none.
	Hint() string
}

// Error returns err as the user sees it, in lines that end with a line feed:
//
//	error: what went wrong
//	  | further lines of its text, such as a program's output
//	hint: what to do
//
// Errors that hold nothing but others (their Unwrap returns a slice) are shown one after the
// other. It reads the files that Located errors point at.
func Error(err error) string {
	if err == nil {
		return ""
	}
	r := &report{}
	r.add("", err)
	return r.text.String()
}

// report is the text of an error while it is being written.
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

// hosts shows the failures of hosts, folded. One text needs no count, however many hosts it
// happened on.
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
	for _, f := range failed {
		r.hint(hintsOf(f)...)
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

// join puts a colon between what is not empty.
func join(prefix, text string) string {
	if prefix == "" || text == "" {
		return prefix + text
	}
	return prefix + ": " + text
}
