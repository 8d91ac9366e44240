package ui

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapes are the control sequences with which a program moves the cursor, sets colours or the
// window's title. Text of hosts and containers must not steer the operator's terminal.
var escapes = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)?|[@-Z\\\\^_])")

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
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return r != '\n' && unsafe(r) }) < 0
}

// unsafe reports what is taken out of a line: control characters other than a tab, format characters
// such as those that change the direction of text, and the line ends of Unicode.
func unsafe(r rune) bool {
	return r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// clean returns text as one printable line: of text that a carriage return overwrites (a
// progress bar) only the last part is kept.
func clean(text string) string {
	text = strings.TrimRight(text, "\r\n")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:]
	}
	text = escapes.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if unsafe(r) {
			return -1
		}
		return r
	}, text)
}
