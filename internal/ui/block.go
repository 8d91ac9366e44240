package ui

import (
	"fmt"
	"slices"
	"strings"
)

// block is the last lines of a terminal, which are drawn again and again. The cursor is on the line below, so
// that what the user types, such as ^C, does not move it.
type block struct {
	drawn  []string // the lines on the screen, coloured
	widths []int    // their columns
}

// rise returns what to write to go to the first line of the block, on a terminal of width columns. A terminal
// that has become narrower has wrapped the lines.
func (b *block) rise(width int) string {
	lines := 0
	for _, w := range b.widths {
		lines += max(1, (w+width-1)/width)
	}
	if lines == 0 {
		return ""
	}
	return fmt.Sprintf("\r\x1b[%dA", lines)
}

// clear returns what to write to take the block away.
func (b *block) clear(width int) string {
	up := b.rise(width)
	b.drawn, b.widths = nil, nil
	if up == "" {
		return ""
	}
	return up + "\x1b[J"
}

// replace returns what to write so that text stands where the block was, and rows below it.
func (b *block) replace(text string, rows []row, width int, p palette) string {
	var lines []string
	var widths []int
	for _, r := range rows {
		r = r.trimmed()
		lines, widths = append(lines, p.row(r)), append(widths, r.width())
	}
	if text == "" && slices.Equal(lines, b.drawn) {
		return ""
	}
	up := b.rise(width)
	b.drawn, b.widths = lines, widths
	if text != "" && up != "" {
		up += "\x1b[J"
	}
	var out strings.Builder
	out.WriteString(up + text)
	for _, l := range lines {
		out.WriteString(l)
		if up != "" && text == "" {
			out.WriteString("\x1b[K") // what was longer before
		}
		out.WriteString("\n")
	}
	if up != "" && text == "" {
		out.WriteString("\x1b[J")
	}
	return out.String()
}
