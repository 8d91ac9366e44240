package local

import (
	"bytes"
	"fmt"
	"strings"

	"mrsk/internal/event"
)

const (
	mostKept = 32 << 20 // bytes of output that are kept
	longLine = 1 << 20  // bytes after which a line is sent although it has not ended
)

// errTooMuch reports that a program wrote more than mostKept. It stops the copying of the output, so the
// next write of the program fails.
var errTooMuch = fmt.Errorf("it wrote more than %d MB", mostKept>>20)

// stream keeps the output of a program, and sends it line by line.
type stream struct {
	kept *bytes.Buffer
	all  bool   // more than mostKept is an error; else only the end is kept
	line []byte // the line that has not ended yet
	send func(text string)

	tooMuch bool
}

func (c Command) stream(name string, kept *bytes.Buffer) *stream {
	s := &stream{kept: kept, all: name == "stdout" && c.Sink == nil, send: func(string) {}}
	if c.Sink != nil {
		s.send = func(text string) { c.Sink(event.Line{Step: c.Step, Stream: name, Text: text}) }
	}
	return s
}

// Write is called by one goroutine of os/exec at a time.
func (s *stream) Write(p []byte) (int, error) {
	if s.kept.Len()+len(p) > mostKept {
		if s.all {
			s.tooMuch = true
			return 0, errTooMuch
		}
		s.kept.Next(s.kept.Len() / 2)
	}
	s.kept.Write(p)
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		s.line = append(s.line, line...)
		if ended || len(s.line) > longLine {
			s.flushLine()
		}
		rest = after
	}
	return len(p), nil
}

// flush sends a last line without a line end.
func (s *stream) flush() {
	if len(s.line) > 0 {
		s.flushLine()
	}
}

func (s *stream) flushLine() {
	text := strings.TrimSuffix(string(s.line), "\r")
	s.line = s.line[:0]
	s.send(text)
}
