package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// values are secrets that each way of writing them changes in another place.
var values = []string{
	"plain-sentinel", "sentinel's \"quoted\"", "sentinel $HOME `id` \\", "first sentinel\nsecond's sentinel", "sentinel ü 密码 é",
	"sentinel & <b> + / = %", "sentinel\twith\x01control", "ends with a newline\n", "a\r\nsentinel line\r\n",
}

// writers are what programs make of a value.
var writers = map[string]func(string) string{
	"raw":               func(v string) string { return v },
	"single quotes":     shellQuote,
	"nested quotes":     func(v string) string { return shellQuote("eval " + shellQuote(v)) },
	"double quotes":     func(v string) string { return doubleQuote(v) },
	"as dash traces":    func(v string) string { return "'" + strings.ReplaceAll(v, "'", `'"'"'`) + "'" },
	"%q":                func(v string) string { return fmt.Sprintf("%q", v) },
	"%+q":               func(v string) string { return fmt.Sprintf("%+q", v) },
	"JSON":              func(v string) string { b, _ := json.Marshal(map[string]string{"a": v}); return string(b) },
	"base64":            func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) },
	"base64 behind 1":   func(v string) string { return base64.StdEncoding.EncodeToString([]byte("u" + v + "xyz")) },
	"base64 behind 2":   func(v string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + v + "xy")) },
	"base64 behind 3":   func(v string) string { return base64.StdEncoding.EncodeToString([]byte("us:" + v + "x")) },
	"base64url":         func(v string) string { return base64.URLEncoding.EncodeToString([]byte("us:" + v)) },
	"query":             url.QueryEscape,
	"path":              url.PathEscape,
	"user information":  func(v string) string { return "https://" + url.UserPassword("u", v).String() + "@host" },
	"lines":             func(v string) string { return "  | " + strings.ReplaceAll(v, "\n", "\n  | ") },
	"lines of a screen": func(v string) string { return "  | " + strings.ReplaceAll(v, "\n", "\r\n  | ") },
}

func shellQuote(v string) string { return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'" }
func doubleQuote(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(v) + `"`
}

// rest is what a text may still hold when the value in it is hidden.
func leaks(shown, value string) bool {
	plain := shown
	for _, decode := range []func(string) (string, error){url.QueryUnescape, func(s string) (string, error) { return strings.ReplaceAll(s, "%20", " "), nil }} {
		if text, err := decode(shown); err == nil {
			plain += text
		}
	}
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r < 'A' || r > 'z' }) {
		if len(word) > 4 && strings.Contains(plain, word) {
			return true
		}
	}
	return false
}

func TestHide_finds_every_spelling(t *testing.T) {
	t.Parallel()
	for _, value := range values {
		for name, write := range writers {
			text := "before " + write(value) + " after"
			shown := Hide(text, New(value))
			if !strings.Contains(shown, Mark) || leaks(shown, value) {
				t.Errorf("%q, %s: %q is shown as %q", value, name, text, shown)
			}
			if !strings.HasPrefix(shown, "before ") || !strings.HasSuffix(shown, " after") {
				t.Errorf("%q, %s: %q has lost what is around the secret", value, name, shown)
			}
		}
	}
}

func TestHide_finds_secrets_that_overlap(t *testing.T) {
	t.Parallel()
	s := Of(New("abcdef"), New("defghi"), New("cdef"))
	for text, want := range map[string]string{
		"xabcdefghix": "x" + Mark + "x", "abcdefabcdef": Mark + Mark, "abcde": "abcde", "cdefcde": Mark + "cde", "": "",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// What is passed on in pieces is what would be passed on at once, wherever it is cut.
func FuzzSettled(f *testing.F) {
	f.Add("x secret secrets sec", "secret", "ecrets se", uint8(3))
	f.Add("aaaaaaaaaaaa", "aaaa", "aaaaab", uint8(1))
	f.Add("x s\x1b[31mec\u200bret\x1b]0;sec\aret", "secret", "[31mec", uint8(0))
	f.Add(`s\u001b[0mec\\u200bret \x1b[s\033[0mecret\`, "secret", "33[0", uint8(2))
	f.Fuzz(func(t *testing.T, text, one, two string, size uint8) {
		s := Of(New(one), New(two))
		got := inPieces(s, text, int(size)+1)
		if want := s.Hide(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
