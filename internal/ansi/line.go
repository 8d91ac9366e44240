package ansi

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Line returns text that stays in its line and has no more than most bytes. It is quoted if it has characters that end
// a line or steer a terminal, and cut if it is longer.
func Line(text string, most int) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r == '\t' || Unsafe(r) }) || !utf8.ValidString(text) {
		text = strconv.Quote(text)
	}
	if len(text) <= most {
		return text
	}
	end := max(most-len("…"), 0)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
