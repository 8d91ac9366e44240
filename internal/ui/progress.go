package ui

import (
	"fmt"
	"time"

	"mrsk/internal/event"
)

// progress is e as text, such as "42.0 of 120.0 MB, 3.1 MB/s, 25s left".
func progress(e event.Progress) string {
	text := fmt.Sprintf("%s of %s", megabytes(e.Sent), megabytes(e.Of)+" MB")
	if e.Rate <= 0 {
		return text
	}
	text += fmt.Sprintf(", %s MB/s", megabytes(e.Rate))
	if left := e.Of - e.Sent; left > 0 {
		text += fmt.Sprintf(", %s left", (time.Duration(left/e.Rate) * time.Second).String())
	}
	return text
}

// amount is a number of bytes as a person remembers it.
func amount(n int64) string {
	switch {
	case n < 1e6:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	case n < 1e7:
		return megabytes(n) + " MB"
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }
