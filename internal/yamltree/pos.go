package yamltree

import "fmt"

// Pos is a position in a file. The zero Pos is no position.
type Pos struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
}

// String returns file:line:column, which editors and terminals turn into links, or only the file without a line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}
