package cli

import (
	"bytes"
	"strings"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/eventjson"
	"mrsk/internal/session"
)

// logLines writes the lines of a log as events for --json.
type logLines struct {
	emit  func(event.Event) error
	of    session.Target
	split splitLine
}

// splitLine returns when a line of a log was written, and the line without that.
type splitLine func(line string) (at time.Time, text string)

// untimed is splitLine for a log without times.
func untimed(line string) (at time.Time, text string) { return time.Time{}, line }

// Write takes whole lines.
func (l logLines) Write(lines []byte) (int, error) {
	for line := range bytes.Lines(lines) {
		at, text := l.split(strings.TrimRight(string(line), "\r\n"))
		if err := l.emit(eventjson.Log{Host: l.of.Host, Role: l.of.Role, At: at, Text: text}); err != nil {
			return 0, err
		}
	}
	return len(lines), nil
}
