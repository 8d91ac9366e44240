package erb

import (
	"errors"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Rendered is the result of a template.
type Rendered struct {
	Text string
	// Variables are the environment variables that the template read, by line of the template.
	Variables map[int][]Variable
	// Tags has the lines in which tags begin. It is true for a line that begins with one.
	Tags map[int]bool

	template string
	places   []origin
}

// origin tells where rendered text comes from, up to the next origin.
type origin struct {
	in, of   int  // offsets in the rendered text and in the template
	verbatim bool // the text is copied from the template; otherwise all of it comes from of
}

// Origin returns the line and column of the template from which a place in the rendered text
// comes. Both count from 1, columns in characters.
func (r Rendered) Origin(line, column int) (int, int) {
	offset := offsetOf(r.Text, line, column)
	i := sort.Search(len(r.places), func(i int) bool { return r.places[i].in > offset }) - 1
	if i < 0 {
		return line, column
	}
	from := r.places[i]
	if from.verbatim {
		return position(r.template, from.of+offset-from.in)
	}
	return position(r.template, from.of)
}

// offsetOf is the inverse of position.
func offsetOf(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return len(text)
		}
		at += end + 1
	}
	for ; column > 1 && at < len(text) && text[at] != '\n'; column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// writer collects the output of a template.
type writer struct {
	strings.Builder
	places []origin
}

func (w *writer) add(text string, of int, verbatim bool) {
	if text == "" {
		return
	}
	if w.Len()+len(text) > maxText || len(w.places) > maxText/10 {
		limit(of, "the output grows to more than %d bytes", maxText)
	}
	w.places = append(w.places, origin{w.Len(), of, verbatim})
	w.WriteString(text)
}

func (w *writer) text(text string, of int)  { w.add(text, of, true) }
func (w *writer) value(text string, of int) { w.add(text, of, false) }

// Is reports whether a text is a template, which is to say that it has tags.
func Is(template string) bool { return strings.Contains(template, "<%") }

// Render renders a template, by ruby if it has unsupported code and World has ruby. The error is
// of type Errors.
func Render(template string, world World) (Rendered, error) {
	r, failures := render(template, world)
	if failures == nil {
		return r, nil
	}
	if world.Ruby != nil && slices.ContainsFunc(failures, func(f *failure) bool { return f.unsupported }) {
		if r, err := renderWithRuby(template, world); !errors.Is(err, ErrNoRuby) {
			return r, err
		}
	}
	var all Errors
	for _, f := range failures {
		all = append(all, f.in(template))
	}
	return Rendered{}, all
}

func render(template string, world World) (Rendered, []*failure) {
	if !utf8.ValidString(template) {
		return Rendered{}, []*failure{{text: "is not UTF-8 text"}}
	}
	program, err := parse(template)
	if err != nil {
		return Rendered{}, []*failure{err}
	}
	in := newInterp(world)
	if err := caught(func() { program.eval(newScope(in, nil)) }); err != nil {
		in.failures = append(in.failures, err)
	}
	pieces := scan(template)
	return Rendered{in.out.String(), in.variables(template, pieces), tagLines(template, pieces), template, in.out.places}, in.failures
}
