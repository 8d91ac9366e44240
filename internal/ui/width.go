package ui

import (
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// columns is how many columns of a terminal text takes.
func columns(text string) int { return uniseg.StringWidth(text) }

// cut shortens text to width columns. Dots stand for what it leaves out.
func cut(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	var b strings.Builder
	room, state := width-1, -1
	for text != "" {
		var cluster string
		var n int
		cluster, text, n, state = uniseg.FirstGraphemeClusterInString(text, state)
		if n > room {
			break
		}
		b.WriteString(cluster)
		room -= n
	}
	return b.String() + "…"
}

// pad fills text up with spaces to width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-columns(text), 0))
}

// span is text in one tone.
type span struct {
	text string
	tone tone
}

// row is one line of the screen, in spans from left to right.
type row []span

func (r row) width() int {
	n := 0
	for _, s := range r {
		n += columns(s.text)
	}
	return n
}

// cut shortens the row to width columns.
func (r row) cut(width int) row {
	if r.width() <= width {
		return r
	}
	var out row
	for _, s := range r {
		n := columns(s.text)
		if n > width || n == width && len(out) < len(r)-1 {
			return append(out, span{cut(s.text+"…", width), s.tone})
		}
		out = append(out, s)
		width -= n
	}
	return out
}

// right puts text at the right end of a row of width columns, and leaves it out where there is no room for it.
func (r row) right(text string, width int) row {
	room := width - columns(gap+text)
	if text == "" || room < 0 {
		return r.cut(width)
	}
	left := r.cut(room)
	return append(left, span{strings.Repeat(" ", width-left.width()-columns(text)), plain}, span{text, dim})
}

// row colours a row.
func (p palette) row(r row) string {
	var b strings.Builder
	for _, s := range r {
		b.WriteString(p.in(s.tone, s.text))
	}
	return b.String()
}

// trimmed is the row without spaces at its end.
func (r row) trimmed() row {
	for i, s := range slices.Backward(r) {
		if text := strings.TrimRight(s.text, " "); text != "" {
			return append(slices.Clone(r[:i]), span{text, s.tone})
		}
	}
	return nil
}
