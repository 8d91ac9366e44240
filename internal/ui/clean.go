package ui

import (
	"regexp"
	"strings"
	"unicode"
)

// escapes are the control sequences with which a program moves the cursor, sets colours or the
// window's title. Text of hosts and containers must not steer the operator's terminal.
var escapes = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)?|[@-Z\\\\^_])")

// clean returns text as one printable line: of text that a carriage return overwrites (a
// progress bar) only the last part is kept.
func clean(text string) string {
	text = strings.TrimRight(text, "\r\n")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:]
	}
	text = escapes.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return -1
		}
		return r
	}, text)
}
