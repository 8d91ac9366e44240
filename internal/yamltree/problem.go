package yamltree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is something wrong at a place in a file.
type Problem struct {
	Pos    Pos
	Path   string // of the value, its keys joined by /; "" at the root
	Text   string // what is wrong
	Advice string // what to do, "" when the text says it all
}

// Error is file:line:col: path: text.
func (p Problem) Error() string {
	parts := slices.DeleteFunc([]string{p.Pos.String(), p.Path, p.Text}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Position is where the problem is.
func (p Problem) Position() Pos { return p.Pos }

// Hint is what to do about it, "" when the text says it all.
func (p Problem) Hint() string { return p.Advice }

// Problems are all that is wrong with a set of files.
type Problems []Problem

// Error has one problem per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems one by one.
func (p Problems) Unwrap() []error {
	errs := make([]error, len(p))
	for i, problem := range p {
		errs[i] = problem
	}
	return errs
}

// Sorted returns the problems by file and line; those of one place keep their order.
func (p Problems) Sorted() Problems {
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return sorted
}

// mostTold is how many problems are of use to somebody at once.
const mostTold = 100

// Err returns the problems, sorted, as an error; nil when there are none. Of very many it has the
// first, and how many others there are.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	sorted := p.Sorted()
	if more := len(sorted) - mostTold; more > 0 {
		sorted = append(sorted[:mostTold], Problem{Text: fmt.Sprintf("and %d more problems", more)})
	}
	return sorted
}
