package ansi

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine_is_short_and_stays_in_its_line(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "web": "web", "größer": "größer", `say "a"`: `say "a"`, "0123456789abcdefg": "0123456789abc…",
		"a\nb": `"a\nb"`, "\x1b[2J": `"\x1b[2J"`, "a\tb": `"a\tb"`, "\u202ebew": `"\u202ebew"`, "\xff": `"\xff"`, "ääääääääää": "ääääää…",
	} {
		if got := Line(text, 16); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, text := range []string{"", "a", "a\nb", "\xff", "\u202e", strings.Repeat("ä", 100), strings.Repeat("\x00", 100)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Line(text, 160)
		if len(got) > 160 || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x1b\u202e\u2028") {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
