package ui

import (
	"fmt"
	"os"
	"strings"

	"mrsk/internal/yamltree"
)

// excerpt returns the line that at points to and the one before, with a caret under the
// column. It is empty when the file cannot be read or has changed so that there is no such
// line: the error stands without.
func excerpt(at yamltree.Pos) string {
	if at.Line < 1 {
		return ""
	}
	text, err := os.ReadFile(at.File)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if at.Line > len(lines) {
		return ""
	}
	var b strings.Builder
	for n := max(at.Line-1, 1); n <= at.Line; n++ {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%5d | %s", n, clean(lines[n-1])), " ") + "\n")
	}
	if at.Column > 0 {
		b.WriteString("      | " + indent(lines[at.Line-1], at.Column) + "^\n")
	}
	return b.String()
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
