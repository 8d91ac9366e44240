package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// list is an error that only joins others.
type list struct {
	err    error
	items  []error
	around []error // the errors that wrap it, outermost first
}

// listIn returns the first list in the chain of err.
func listIn(err error) (l list, ok bool) {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if _, ok := e.(HostError); ok {
			return list{}, false
		}
		if items := itemsOf(e); items != nil {
			l.err, l.items = e, items
			return l, true
		}
		l.around = append(l.around, e)
	}
	return list{}, false
}

// itemsOf returns the errors that err joins. fmt.Errorf with two %w also unwraps to a slice, but its text is a
// sentence of its own, so it is not a list.
func itemsOf(err error) []error {
	items := children(err)
	if len(items) == 0 || err.Error() == texts(items) {
		return items
	}
	for _, item := range items {
		_, onHost := item.(HostError)
		_, located := item.(Located)
		if !onHost && !located {
			return nil
		}
	}
	return items
}

func children(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return nil
}

func texts(errs []error) string {
	var all []string
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return strings.Join(all, "\n")
}

// heading returns the text that the errors around l add before the text of l, or that replaces it. The text of
// l itself is shown by its items.
func (l list) heading() string {
	if len(l.around) == 0 {
		return ""
	}
	text := l.around[0].Error()
	for _, part := range []string{l.err.Error(), l.items[0].Error()} {
		if head, _, ok := strings.Cut(text, part); ok {
			return strings.TrimRight(head, ": \n")
		}
	}
	return text
}

// byHost splits errors into those of a host and the others.
func byHost(items []error) (failed []HostError, others []error) {
	for _, item := range items {
		if h, ok := item.(HostError); ok {
			failed = append(failed, h)
		} else {
			others = append(others, item)
		}
	}
	return failed, others
}

// folded is a text and the hosts that failed with it.
type folded struct {
	names  []string
	text   string
	errors []HostError
}

// hints returns the hints of the first host that has some. If other hosts have other hints, such as names of
// files, it adds the number of those hosts.
func (f folded) hints() []string {
	var different [][]string
	for _, err := range f.errors {
		hints := hintsOf(err)
		if len(hints) > 0 && !slices.ContainsFunc(different, func(h []string) bool { return slices.Equal(h, hints) }) {
			different = append(different, hints)
		}
	}
	if len(different) == 0 {
		return nil
	}
	hints := different[0]
	if others := len(different) - 1; others > 0 {
		hints[len(hints)-1] += fmt.Sprintf(" (+%d)", others)
	}
	return hints
}

func (f folded) String() string { return strings.Join(f.names, ", ") + ": " + f.text }

func fold(failed []HostError) []folded {
	var all []folded
	for _, err := range failed {
		name := err.HostName()
		text := strings.TrimPrefix(err.Error(), name+": ")
		at := slices.IndexFunc(all, func(f folded) bool { return f.text == text })
		if at < 0 {
			all = append(all, folded{text: text})
			at = len(all) - 1
		}
		all[at].errors = append(all[at].errors, err)
		if !slices.Contains(all[at].names, name) {
			all[at].names = append(all[at].names, name)
		}
	}
	return all
}

func countHosts(all []folded) int {
	seen := map[string]bool{}
	for _, f := range all {
		for _, name := range f.names {
			seen[name] = true
		}
	}
	return len(seen)
}

// hintsOf returns the hints of err: of each branch the outermost one, which knows most about the command.
func hintsOf(err error) []string {
	if h, ok := err.(Hinted); ok && h.Hint() != "" {
		return []string{h.Hint()}
	}
	if inner := errors.Unwrap(err); inner != nil {
		return hintsOf(inner)
	}
	var hints []string
	for _, item := range children(err) {
		hints = append(hints, hintsOf(item)...)
	}
	return hints
}

// hints returns the hints of l and of the errors around it.
func (l list) hints() []string {
	var hints []string
	for _, e := range append(slices.Clip(l.around), l.err) {
		if h, ok := e.(Hinted); ok && h.Hint() != "" {
			hints = append(hints, h.Hint())
		}
	}
	return hints
}
