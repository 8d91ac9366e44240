package redact

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mrsk/internal/ansi"
)

// span is a part of a text.
type span struct{ from, to int }

// view is a text as a program or a terminal may show it: without what is invisible. A secret that is
// interleaved with control sequences or invisible characters is whole in a view.
type view struct {
	text  string
	at    []span // of each byte: where it comes from in the original
	parts []span // of the original, that must not be cut
	end   int    // of the part of the original that the view is of
	more  bool   // more text will follow, so that the view ends where that may change it
}

// views returns text and its other views, if it has any. With more, they are of the part that no text that
// follows can change.
func views(text string, more bool) []view {
	original := view{text: text, end: len(text), more: more}
	if isPlain(text) {
		return []view{original}
	}
	for i := range len(text) {
		original.at = append(original.at, span{i, i + 1})
	}
	all := []view{original, original.read(sequence), original.read(invisible)}
	if strings.IndexByte(text, '\\') >= 0 {
		decoded := original.read(escaped)
		all = append(all, decoded, decoded.read(sequence), decoded.read(invisible))
	}
	return all
}

// isPlain reports whether text has one view only.
func isPlain(text string) bool {
	for i, r := range text {
		if r == '\\' || isInvisible(r) || r == utf8.RuneError && !utf8.FullRuneInString(text[i:]) {
			return false
		}
	}
	return true
}

// isInvisible leaves line ends out: what is on two lines is not seen as one.
func isInvisible(r rune) bool { return r != '\n' && ansi.Invisible(r) }

// source returns where bytes from to to-1 come from.
func (v view) source(from, to int) span {
	if v.at == nil {
		return span{from, to}
	}
	return span{v.at[from].from, v.at[to-1].to}
}

// token returns the size of what text begins with and what a reader shows of it. whole is false if more text
// could change that.
type token func(text string) (size int, shown string, whole bool)

// read returns v as a reader shows it.
func (v view) read(next token) view {
	out := view{end: v.end, more: v.more, parts: slices.Clip(v.parts)}
	var text strings.Builder
	for i := 0; i < len(v.text); {
		size, shown, whole := next(v.text[i:])
		from := v.source(i, i+size)
		if v.more && !whole {
			out.end = from.from
			break
		}
		if size > 1 {
			out.parts = append(out.parts, from)
		}
		for j := range len(shown) {
			if shown == v.text[i:i+size] {
				from = v.at[i+j]
			}
			out.at = append(out.at, from)
		}
		text.WriteString(shown)
		i += size
	}
	out.text = text.String()
	return out
}

// invisible leaves out single characters. Some programs remove those, and so leave the rest of a control
// sequence.
func invisible(text string) (size int, shown string, whole bool) {
	r, size := utf8.DecodeRuneInString(text)
	if isInvisible(r) {
		return size, "", true
	}
	return size, text[:size], r != utf8.RuneError || utf8.FullRuneInString(text)
}

// sequence leaves out whole control sequences, too.
func sequence(text string) (size int, shown string, whole bool) {
	size, whole = ansi.Sequence(text)
	if size > 0 {
		return size, "", whole
	}
	size, shown, full := invisible(text)
	return size, shown, whole && full
}

// letters are the escapes of one letter. Any other escaped character stands for itself.
var letters = map[byte]string{'a': "\a", 'b': "\b", 'e': "\x1b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v"}

// digits are where the digits of an escape begin, how many it has, and their base.
var digits = map[byte]struct{ begin, count, base int }{
	'u': {2, 4, 16}, 'U': {2, 8, 16}, 'x': {2, 2, 16}, '0': {1, 3, 8}, '1': {1, 3, 8}, '2': {1, 3, 8}, '3': {1, 3, 8},
}

// escaped decodes what is written as in JSON, Go or a shell.
func escaped(text string) (size int, shown string, whole bool) {
	switch {
	case text[0] != '\\':
		return 1, text[:1], true
	case len(text) == 1:
		return 1, text, false
	case letters[text[1]] != "":
		return 2, letters[text[1]], true
	}
	form, known := digits[text[1]]
	if !known {
		return 2, text[1:2], true
	}
	end := form.begin + form.count
	n, err := strconv.ParseUint("0"+text[form.begin:min(end, len(text))], form.base, 32)
	switch {
	case err != nil:
		return 1, text[:1], true
	case len(text) < end:
		return 1, text[:1], false
	case end > 4:
		return end, string(rune(n)), true
	}
	return end, string([]byte{byte(n)}), true
}
