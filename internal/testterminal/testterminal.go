// Package testterminal is a terminal for tests: it shows what a program draws.
package testterminal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/rivo/uniseg"
)

// Terminal knows the control sequences that package ui uses, wraps long lines, and keeps what scrolls out. It is
// safe for use by many goroutines.
type Terminal struct {
	mu            sync.Mutex
	width, height int
	lines         []string // all lines, those that have scrolled out among them
	row, column   int      // of the cursor
	raw           strings.Builder
}

// New returns an empty terminal of that size.
func New(width, height int) *Terminal {
	return &Terminal{width: width, height: height, lines: []string{""}}
}

// Size returns columns and lines.
func (t *Terminal) Size() (int, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.width, t.height
}

var control = regexp.MustCompile(`^\x1b\[([0-9;]*)([A-Za-z])`)

// Write shows p. It panics at a control sequence that it does not know.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raw.Write(p)
	text, state := string(p), -1
	for text != "" {
		if m := control.FindStringSubmatch(text); m != nil {
			t.control(m[2], m[1])
			text, state = text[len(m[0]):], -1
			continue
		}
		var cluster string
		var width int
		cluster, text, width, state = uniseg.FirstGraphemeClusterInString(text, state)
		t.put(cluster, width)
	}
	return len(p), nil
}

func (t *Terminal) put(cluster string, width int) {
	switch cluster {
	case "\n", "\r\n":
		t.row, t.column = t.row+1, 0
	case "\r":
		t.column = 0
	default:
		if t.column+width > t.width {
			t.row, t.column = t.row+1, 0
		}
		t.overwrite(cluster, width)
		t.column += width
	}
	for len(t.lines) <= t.row {
		t.lines = append(t.lines, "")
	}
}

// overwrite puts a character where the cursor is. The UI never writes into the middle of a line.
func (t *Terminal) overwrite(cluster string, width int) {
	for len(t.lines) <= t.row {
		t.lines = append(t.lines, "")
	}
	line := t.lines[t.row]
	before, rest := split(line, t.column)
	_, after := split(rest, width)
	t.lines[t.row] = before + cluster + after
}

// split splits a line behind so many columns.
func split(line string, columns int) (before, after string) {
	state := -1
	for rest := line; rest != "" && columns > 0; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		before += cluster
		columns -= width
	}
	return before, line[len(before):]
}

func (t *Terminal) control(kind, parameters string) {
	n, _ := strconv.Atoi(parameters)
	switch kind {
	case "A":
		t.row = max(t.row-n, len(t.lines)-t.height, 0)
	case "J":
		t.lines = t.lines[:t.row+1]
		t.lines[t.row], _ = split(t.lines[t.row], t.column)
	case "K":
		t.lines[t.row], _ = split(t.lines[t.row], t.column)
	case "m":
	default:
		panic(fmt.Sprintf("the terminal does not know ESC [ %s %s", parameters, kind))
	}
}

// Resize makes the terminal wider or narrower. It wraps its lines anew.
func (t *Terminal) Resize(width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.width, t.height = width, height
	var wrapped []string
	for i, l := range t.lines {
		if i == t.row {
			t.row = len(wrapped)
		}
		for uniseg.StringWidth(l) > width {
			var first string
			first, l = split(l, width)
			wrapped = append(wrapped, first)
		}
		wrapped = append(wrapped, l)
	}
	t.lines = wrapped
}

// Raw is what was written.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw.String()
}

// String is all that can be seen, with what has scrolled out.
func (t *Terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimRight(strings.Join(t.lines, "\n"), "\n") + "\n"
}
