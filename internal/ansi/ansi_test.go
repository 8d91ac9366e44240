package ansi

import (
	"strings"
	"testing"
)

func TestSequence_measures_what_a_terminal_takes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "a": 0, "\x1b": 0, "\x1b\x1b[m": 0, "\x1b7": 0,
		"\x1b[m": 3, "\x1b[31mx": 5, "\x1b[1;31 qx": 8, "\x1b[3\nm": 0, "\x1b[?25lx": 6, "\x1b[3\x1b[m": 0,
		"\x1b]0;title\x07x": 10, "\x1b]0;title\x1b\\x": 11, "\x1b]0;title\nx": 9, "\x1b]0;t\rx": 5, "\x1b]0;t\x1b[mx": 5, "\x1b]0;t": 5,
		"\x1bMx": 2, "\x1b\\x": 2, "\x1b_x": 2,
		"\x1b[" + strings.Repeat("1", Longest) + "m": 0, "\x1b]" + strings.Repeat("1", Longest): 0, "\x1b]" + strings.Repeat("1", Longest-2) + "\n": Longest,
	} {
		if got, _ := Sequence(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

// A sequence that was cut off is one that more text can complete.
func TestSequence_tells_where_text_ends_too_early(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\x1b[1;31 q", "\x1b[m", "\x1b]0;title\x07", "\x1b]0;title\x1b\\", "\x1bM"} {
		for i := range text {
			if _, whole := Sequence(text[:i]); whole != (i == 0) {
				t.Errorf("%q: whole is %v", text[:i], whole)
			}
		}
		if size, whole := Sequence(text); size != len(text) || !whole {
			t.Errorf("%q: got %d, %v", text, size, whole)
		}
	}
}
