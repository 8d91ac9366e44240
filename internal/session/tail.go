package session

import "bytes"

// kept is how many bytes of output a Tail keeps.
const kept = 64 << 10

// Tail keeps the end of what a host says, for the error of a command that fails. The zero value is empty.
type Tail struct {
	text []byte
	cut  bool
}

// Write never fails. What is more than 64 KiB before the end of the output is dropped.
func (t *Tail) Write(p []byte) (int, error) {
	if len(t.text)+len(p) > 2*kept {
		t.text, t.cut = append(t.text[:0], end(t.text)...), true
	}
	t.text, t.cut = append(t.text, end(p)...), t.cut || len(p) > kept
	return len(p), nil
}

// String returns what t holds, from the beginning of a line on if something was dropped.
func (t *Tail) String() string {
	text := end(t.text)
	if _, after, found := bytes.Cut(text, []byte("\n")); found && (t.cut || len(t.text) > kept) {
		text = after
	}
	return string(text)
}

// end returns the last bytes of a text, as many as are kept.
func end(text []byte) []byte { return text[max(0, len(text)-kept):] }
