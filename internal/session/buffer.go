package session

import (
	"bytes"
	"errors"
)

// Most is how much of the output of one target is held until it can be shown, in bytes.
const Most = 16 << 20

// ErrTooLong is the error of a command whose output cannot be held.
var ErrTooLong = errors.New("more than 16 MiB: name one host and role, and it is passed on as it comes")

// Buffer holds the output of one target. The zero value is empty.
type Buffer struct{ text bytes.Buffer }

// Write fails with ErrTooLong, and keeps nothing of p, when that would be more than Most.
func (b *Buffer) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > Most {
		return 0, ErrTooLong
	}
	return b.text.Write(p)
}

// Len is how many bytes b holds.
func (b *Buffer) Len() int { return b.text.Len() }

// String is what b holds.
func (b *Buffer) String() string { return b.text.String() }
