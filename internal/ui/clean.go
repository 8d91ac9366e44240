package ui

import (
	"strings"
	"unicode/utf8"

	"mrsk/internal/ansi"
)

// Clean returns text in lines that cannot steer a terminal: without control sequences, control and
// format characters (which reorder or hide what stands beside them), and bytes that are not UTF-8.
func Clean(text string) string {
	if printable(text) {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
		if strings.HasSuffix(l, "\n") {
			lines[i] += "\n"
		}
	}
	return strings.Join(lines, "")
}

func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return r != '\n' && ansi.Unsafe(r) }) < 0
}

// clean returns text as one printable line: of text that a carriage return overwrites (a
// progress bar) only the last part is kept.
func clean(text string) string {
	text = strings.TrimRight(text, "\r\n")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:]
	}
	var b strings.Builder
	for text != "" {
		if n, _ := ansi.Sequence(text); n > 0 {
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		if !ansi.Unsafe(r) {
			b.WriteRune(r)
		}
		text = text[n:]
	}
	return b.String()
}
