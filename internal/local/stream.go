package local

import (
	"bytes"
	"strings"

	"mrsk/internal/event"
)

// stream keeps what a program writes, and tells it line by line.
type stream struct {
	kept *bytes.Buffer
	line []byte // begun and not ended
	tell func(text string)
}

func (c Command) stream(name string, kept *bytes.Buffer) *stream {
	s := &stream{kept: kept, tell: func(string) {}}
	if c.Sink != nil {
		s.tell = func(text string) { c.Sink(event.Line{Step: c.Step, Stream: name, Text: text}) }
	}
	return s
}

// Write is called by one goroutine of os/exec at a time.
func (s *stream) Write(p []byte) (int, error) {
	s.kept.Write(p)
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		s.line = append(s.line, line...)
		if ended {
			s.flushLine()
		}
		rest = after
	}
	return len(p), nil
}

// flush tells a last line that has no end.
func (s *stream) flush() {
	if len(s.line) > 0 {
		s.flushLine()
	}
}

func (s *stream) flushLine() {
	text := strings.TrimSuffix(string(s.line), "\r")
	s.line = s.line[:0]
	s.tell(text)
}
