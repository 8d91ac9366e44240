package cli

import (
	"bytes"
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
