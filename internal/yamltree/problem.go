package yamltree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is an error at a position in a file.
type Problem struct {
	Pos    Pos
	Path   string // keys of the value, joined by /; "" at the root
	Text   string // what is wrong
	Advice string // what to do; may be empty
}

// Error returns file:line:column: path: text.
func (p Problem) Error() string {
	parts := slices.DeleteFunc([]string{p.Pos.String(), p.Path, p.Text}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Position returns where the problem is.
func (p Problem) Position() Pos { return p.Pos }

// Hint returns Advice.
func (p Problem) Hint() string { return p.Advice }

// Problems are all errors in a set of files.
type Problems []Problem

// Error returns one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems.
func (p Problems) Unwrap() []error {
	errs := make([]error, len(p))
	for i, problem := range p {
		errs[i] = problem
	}
	return errs
}

// Sorted returns the problems sorted by position. Those of one position keep their order.
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

// mostShown is how many problems are shown at once.
const mostShown = 100

// Err returns the problems, sorted, as an error of type Problems, nil if there are none. Of more than 100 it has
// the first, and the number of the others.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	sorted := p.Sorted()
	if more := len(sorted) - mostShown; more > 0 {
		sorted = append(sorted[:mostShown], Problem{Text: fmt.Sprintf("and %d more problems", more)})
	}
	return sorted
}
