package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"mrsk/internal/textfile"
	"mrsk/internal/yamltree"
)

// excerpt returns the line that at points to and the one before, with a caret under the
// column. It is empty when the file cannot be read or has changed so that there is no such
// line: the error stands without.
func excerpt(at yamltree.Pos) string {
	if at.Line < 1 {
		return ""
	}
	text, err := textfile.Read(at.File)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if at.Line > len(lines) {
		return ""
	}
	from := 0
	if utf8.RuneCountInString(lines[at.Line-1]) > widest {
		from = max(at.Column-widest/2, 0)
	}
	var b strings.Builder
	for n := max(at.Line-1, 1); n <= at.Line; n++ {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%5d | %s", n, clean(part(lines[n-1], from))), " ") + "\n")
	}
	if at.Column > 0 {
		b.WriteString("      | " + indent(part(lines[at.Line-1], from), at.Column-from) + "^\n")
	}
	return b.String()
}

// widest is the maximum number of characters of a line in an excerpt.
const widest = 160

// part is what an excerpt shows of a line that may be very long, from a character on; dots stand
// for what it leaves out on either side.
func part(line string, from int) string {
	runes := []rune(line)
	if len(runes) <= from {
		return ""
	}
	runes = runes[from:]
	if from > 0 {
		runes[0] = '…'
	}
	if len(runes) > widest {
		runes = append(runes[:widest], '…')
	}
	return string(runes)
}

// indent is as wide as the first column-1 characters of text: tabs stay tabs.
func indent(text string, column int) string {
	var b strings.Builder
	for _, r := range []rune(text)[:min(column-1, len([]rune(text)))] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}
