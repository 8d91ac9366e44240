package local

import (
	"bytes"
	"fmt"
	"strings"

	"mrsk/internal/event"
)

const (
	mostKept = 32 << 20 // bytes of a program's output
	longLine = 1 << 20  // bytes that are told though the line has not ended
)

// errTooMuch ends a program that writes without an end: its next write finds nobody who reads.
var errTooMuch = fmt.Errorf("it wrote more than %d MB", mostKept>>20)

// stream keeps what a program writes, and tells it line by line.
type stream struct {
	kept *bytes.Buffer
	all  bool   // none of it can be left out; else the end of a long output does
	line []byte // begun and not ended
	tell func(text string)

	tooMuch bool
}

func (c Command) stream(name string, kept *bytes.Buffer) *stream {
	s := &stream{kept: kept, all: name == "stdout" && c.Sink == nil, tell: func(string) {}}
	if c.Sink != nil {
		s.tell = func(text string) { c.Sink(event.Line{Step: c.Step, Stream: name, Text: text}) }
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
