package local

import (
	"slices"
	"strings"
	"sync"
)

const (
	keptLines = 200     // of an output
	keptBytes = 4 << 10 // of one line
)

// Tail keeps the last lines of an output, for the error of a program that fails. Both streams of
// the program may add to it at once. The zero Tail is empty.
type Tail struct {
	mu    sync.Mutex
	lines []string
}

// Add takes a line, without its line end; the oldest one goes when there are too many.
func (t *Tail) Add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == keptLines {
		t.lines = slices.Delete(t.lines, 0, 1)
	}
	t.lines = append(t.lines, line[:min(len(line), keptBytes)])
}

// String is the lines that were kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
