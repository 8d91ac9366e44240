package local

import (
	"bytes"
	"strings"
	"testing"

	"mrsk/internal/event"
)

// Lines are those of the whole output, however it comes.
func FuzzLines(f *testing.F) {
	f.Add("a\nb\r\n\nc", uint8(1))
	f.Add("\r\n\r\n", uint8(0))
	f.Add("no end\r", uint8(3))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		var got []string
		c := Command{Sink: func(e event.Event) {
			if line, ok := e.(event.Line); ok {
				got = append(got, line.Text)
			}
		}}
		s := c.stream("stdout", &bytes.Buffer{})
		for rest := []byte(text); len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			if _, err := s.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		s.flush()
		var want []string
		for line := range strings.Lines(text) {
			want = append(want, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") || len(got) != len(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
