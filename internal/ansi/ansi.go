// Package ansi finds what a terminal does not print: control sequences and invisible characters.
package ansi

import (
	"strings"
	"unicode"
)

// Longest is how many bytes a control sequence may have. Longer ones count as text, so that whoever reads a
// stream knows how much to wait for.
const Longest = 4096

const escape = 0x1b

// Sequence returns how many bytes the control sequence at the beginning of text has, 0 if there is none.
// Such sequences move the cursor, set colours or the title of the window. A sequence ends with its line.
// whole is false if the rest of text is not enough to tell.
func Sequence(text string) (size int, whole bool) {
	if text == "" || text[0] != escape {
		return 0, true
	}
	if len(text) == 1 {
		return 0, false
	}
	switch c := text[1]; {
	case c == '[':
		size, whole = parameters(text)
	case c == ']':
		size, whole = command(text)
	case c >= '@' && c <= '_':
		return 2, true
	default:
		return 0, true
	}
	if size > Longest || !whole && len(text) > Longest {
		return 0, true
	}
	return size, whole
}

// parameters measures ESC [ parameters, intermediate bytes, final byte.
func parameters(text string) (size int, whole bool) {
	i := 2
	for i < len(text) && text[i] >= '0' && text[i] <= '?' {
		i++
	}
	for i < len(text) && text[i] >= ' ' && text[i] <= '/' {
		i++
	}
	switch {
	case i == len(text):
		return 0, false
	case text[i] < '@' || text[i] > '~':
		return 0, true
	}
	return i + 1, true
}

// command measures ESC ] text, which BEL or ESC \ ends. Without one of these it ends before the next escape
// or line end.
func command(text string) (size int, whole bool) {
	i := strings.IndexAny(text[2:], "\x07\x1b\r\n")
	if i < 0 {
		return len(text), false
	}
	i += 2
	switch rest := text[i:]; {
	case rest[0] == '\x07':
		return i + 1, true
	case rest == "\x1b":
		return i, false
	case strings.HasPrefix(rest, "\x1b\\"):
		return i + 2, true
	}
	return i, true
}

// Unsafe reports whether a character must not reach a terminal: a control character other than a tab, a
// format character such as those that change the direction of text, or one of Unicode's line ends.
func Unsafe(r rune) bool {
	return r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Invisible reports whether a character takes no space on a screen. Not all of these are unsafe: some choose
// between forms of the character before them.
func Invisible(r rune) bool {
	return Unsafe(r) || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
