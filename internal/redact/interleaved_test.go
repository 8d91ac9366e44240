package redact

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"mrsk/internal/ansi"
)

// between are what a program may print between the characters of a word without a change to the word on the
// screen.
var between = map[string]string{
	"color": "\x1b[31m", "private mode": "\x1b[?25l", "title, BEL": "\x1b]0;t\a", "title, ST": "\x1b]8;;http://x\x1b\\", "two bytes": "\x1bM",
	"escape": "\x1b", "backspace": "\b", "NUL": "\x00", "DEL": "\x7f", "carriage return": "\r", "CSI of one byte": "\u009b",
	"zero-width space": "\u200b", "joiner": "\u200d", "word joiner": "\u2060", "byte order mark": "\ufeff", "soft hyphen": "\u00ad",
	"right to left": "\u202e", "isolate": "\u2066", "line separator": "\u2028", "tag": "\U000e0041", "variation selector": "\ufe0f",
	"combining grapheme joiner": "\u034f", "two kinds": "\x1b[0m\u200b\x1b[1m", "two escapes": "\x1b\x1b[m",
}

// interleave puts in between all characters of value.
func interleave(value, in string) string {
	return strings.Join(strings.Split(value, ""), in)
}

// shown are the ways to show text that put a secret together again.
var shown = map[string]func(string) string{
	"without sequences":  func(text string) string { return without(text, ansi.Sequence) },
	"without characters": func(text string) string { return without(text, func(string) (int, bool) { return 0, true }) },
}

func without(text string, sequence func(string) (int, bool)) string {
	var b strings.Builder
	for text != "" {
		if n, _ := sequence(text); n > 0 {
			text = text[n:]
			continue
		}
		for _, r := range text {
			if !ansi.Invisible(r) {
				b.WriteRune(r)
			}
			text = text[len(string(r)):]
			break
		}
	}
	return b.String()
}

// reveals reports whether a reader of text gets to see value.
func reveals(text, value string) bool {
	for _, show := range shown {
		if strings.Contains(show(text), value) {
			return true
		}
	}
	return strings.Contains(text, value)
}

// writings are forms that are shown again after they were decoded.
var writings = map[string]func(string) string{
	"plain": func(text string) string { return text },
	"JSON":  func(text string) string { b, _ := json.Marshal(text); return string(b) },
	"Go":    strconv.Quote,
	"ASCII": strconv.QuoteToASCII,
	"shell": func(text string) string {
		var b strings.Builder
		for i := range len(text) {
			b.WriteString(ansiC(text[i]))
		}
		return b.String()
	},
}

var readers = map[string]func(string) string{
	"plain": func(text string) string { return text },
	"JSON":  func(text string) string { var s string; _ = json.Unmarshal([]byte(text), &s); return s },
	"Go":    func(text string) string { s, _ := strconv.Unquote(text); return s },
	"ASCII": func(text string) string { s, _ := strconv.Unquote(text); return s },
	"shell": func(text string) string { s, _ := strconv.Unquote(`"` + text + `"`); return s },
}

func TestHide_finds_secrets_between_invisible_characters(t *testing.T) {
	t.Parallel()
	const value = "hunter2-sentinel"
	for name, in := range between {
		for writing, write := range writings {
			text := write("before " + interleave(value, in) + " after")
			got := Hide(text, New(value))
			if reveals(readers[writing](got), value) || !strings.Contains(got, "before "+Mark+" after") {
				t.Errorf("%s, %s: %q is shown as %q", name, writing, text, got)
			}
		}
	}
}

// The value itself can have such characters, and then other ones in between.
func TestHide_finds_values_with_invisible_characters(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"sen\x1b[1mtinel", "sen\u200btinel", "sen\btinel", "\x1b[sentinel", "s[31mentinel"} {
		visible := without(value, ansi.Sequence)
		for name, in := range between {
			got := Hide(interleave(value, in)+" "+value+" "+visible, New(value))
			if reveals(got, visible) || reveals(got, value) {
				t.Errorf("%s: %q is shown as %q", name, value, got)
			}
		}
	}
}

// What is around the secret stays.
func TestHide_leaves_colors_around_a_secret(t *testing.T) {
	t.Parallel()
	got := Hide("\x1b[31ms\x1b[1mentinel\x1b[0m\u200b.", New("sentinel"))
	if want := "\x1b[31m" + Mark + "\x1b[0m\u200b."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// However output is cut, what is passed on at once has no secret that a reader could put together.
func TestSettled_holds_back_secrets_between_invisible_characters(t *testing.T) {
	t.Parallel()
	const value = "hunter2-sentinel"
	s := Of(New(value))
	for name, in := range between {
		for writing, write := range writings {
			text := write("before " + interleave(value, in) + in + " after")
			for _, size := range []int{1, 2, 3, 7} {
				got := inPieces(s, text, size)
				if want := s.Hide(text); got != want {
					t.Errorf("%s, %s, %d bytes at a time: got %q, want %q", name, writing, size, got, want)
				}
			}
		}
	}
}

// inPieces is text as it is passed on when it comes in pieces.
func inPieces(s *Secrets, text string, size int) string {
	var out strings.Builder
	pending := ""
	for rest := text; rest != ""; {
		n := min(size, len(rest))
		pending, rest = pending+rest[:n], rest[n:]
		at := s.Settled(pending)
		out.WriteString(s.Hide(pending[:at]))
		pending = pending[at:]
	}
	return out.String() + s.Hide(pending)
}
