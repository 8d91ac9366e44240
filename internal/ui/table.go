package ui

import (
	"strings"
	"unicode/utf8"
)

// Table returns rows under header, in columns wide enough for their longest cell and two
// spaces apart, without spaces at line ends. A nil header leaves that line out. Rows may have
// fewer cells than the others.
func Table(header []string, rows [][]string) string {
	if header != nil {
		rows = append([][]string{header}, rows...)
	}
	widths := columnWidths(rows)
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(tableRow(row, widths) + "\n")
	}
	return b.String()
}

func columnWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(clean(cell)))
		}
	}
	return widths
}

func tableRow(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		cell = clean(cell)
		b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
	}
	return strings.TrimRight(b.String(), " ")
}
