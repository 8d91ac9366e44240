package yamltree

import "fmt"

// Pos is a place in a file. The zero Pos is nowhere.
type Pos struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
}

// String is file:line:column, the form that editors and terminals turn into links.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}
