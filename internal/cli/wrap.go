package cli

import "strings"

// wrap breaks words into lines of at most width columns, where that is possible. The first line begins with first,
// the others with rest.
func wrap(text string, width int, first, rest string) string {
	var lines []string
	line, empty := first, true
	for word := range strings.FieldsSeq(text) {
		if !empty && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	return strings.Join(append(lines, line), "\n")
}

// reflow breaks the paragraphs of a text anew. Paragraphs with an indented line stay as they are.
func reflow(text string, width int) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		if !strings.Contains("\n"+p, "\n ") {
			paragraphs[i] = wrap(p, width, "", "")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// row is one line of a list in the help.
type row struct{ name, about string }

// listing shows rows in two columns. On a narrow screen the second column is below the first.
func listing(rows []row, width int) string {
	left := 0
	for _, r := range rows {
		left = max(left, len(r.name))
	}
	var b strings.Builder
	for _, r := range rows {
		first, rest := "  "+r.name+strings.Repeat(" ", left-len(r.name))+"  ", strings.Repeat(" ", left+4)
		if width-len(rest) < leastColumn {
			b.WriteString("  " + r.name + "\n")
			first, rest = "      ", "      "
		}
		b.WriteString(wrap(r.about, width, first, rest) + "\n")
	}
	return b.String()
}

// leastColumn is how many columns the explanations of a list need.
const leastColumn = 24
