package local

import (
	"slices"
	"strings"
	"sync"
)

const (
	keptLines = 200     // of the output
	keptBytes = 4 << 10 // of one line
)

// Tail keeps the last 200 lines of output, for the error message of a program that fails. It is safe for
// concurrent use. The zero Tail is empty.
type Tail struct {
	mu    sync.Mutex
	lines []string
}

// Add adds a line without its line end. It drops the oldest line when there are too many.
func (t *Tail) Add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == keptLines {
		t.lines = slices.Delete(t.lines, 0, 1)
	}
	t.lines = append(t.lines, line[:min(len(line), keptBytes)])
}

// String returns the lines, separated by newlines.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
