package ui

import "strings"

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
			widths[i] = max(widths[i], columns(clean(cell)))
		}
	}
	return widths
}

func tableRow(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		cell = clean(cell)
		b.WriteString(pad(cell, widths[i]) + gap)
	}
	return strings.TrimRight(b.String(), " ")
}
