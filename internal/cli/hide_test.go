package cli

import (
	"bytes"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

// A stream may end anywhere in a secret, and go on later.
func TestVeil_hides_a_secret_that_comes_in_two_pieces(t *testing.T) {
	t.Parallel()
	const text = "before it's a\npassword, it's no secret, it's"
	var h hidden
	h.add(redact.New("it's a\npassword"))
	for cut := range len(text) {
		var out bytes.Buffer
		v := h.veil(&out)
		for _, part := range []string{text[:cut], text[cut:]} {
			if n, err := v.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		if out.String() != "before [REDACTED], it's no secret, " {
			t.Errorf("cut at %d, %q came before the end", cut, out.String())
		}
		if err := v.Flush(); err != nil || out.String() != "before [REDACTED], it's no secret, it's" {
			t.Errorf("cut at %d: %v, %q", cut, err, out.String())
		}
	}
}

// What may be the beginning of a secret is held back, but not without end.
func TestVeil_holds_a_bounded_part_back(t *testing.T) {
	t.Parallel()
	for name, invisible := range map[string]string{
		"characters": strings.Repeat("\x00\u200b", 1024),
		"sequences":  strings.Repeat("\x1b[31m", 1024),
		"escapes":    strings.Repeat(`\x00`, 1024),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h hidden
			h.add(redact.New("hunter2-sentinel"))
			var out bytes.Buffer
			v := h.veil(&out)
			write := func(text string) {
				if _, err := v.Write([]byte(text)); err != nil || len(v.pending) > 16<<10 {
					t.Fatalf("%v, %d bytes held", err, len(v.pending))
				}
			}
			write("h")
			for range 64 {
				write(invisible)
			}
			write("hunter")
			write("2-sentinel unter2-sentinel")
			_ = v.Flush()
			shown := strings.NewReplacer("\x00", "", "\u200b", "", "\x1b[31m", "").Replace(out.String())
			if strings.Contains(shown, "hunter2") || !strings.HasSuffix(shown, "[REDACTED] unter2-sentinel") {
				t.Errorf("%q", shown[max(0, len(shown)-100):])
			}
		})
	}
}

// A secret is hidden also where more is invisible between its characters than is held back.
func TestVeil_hides_a_secret_that_is_spread_wide(t *testing.T) {
	t.Parallel()
	var h hidden
	h.add(redact.New("hunter2-sentinel"))
	var out bytes.Buffer
	v := h.veil(&out)
	for _, c := range "a hunter2-sentinel" {
		_, _ = v.Write([]byte(string(c) + strings.Repeat("\x00", 20_000)))
	}
	_ = v.Flush()
	if shown := strings.ReplaceAll(out.String(), "\x00", ""); shown != "a [REDACTED]" {
		t.Errorf("%q", shown)
	}
}
