package session

import (
	"bytes"
	"io"
	"sync"
)

// Merged is one stream out of many: whole lines of each, with the source's name before them.
type Merged struct {
	mu sync.Mutex
	to io.Writer
}

// Merge writes to out.
func Merge(out io.Writer) *Merged { return &Merged{to: out} }

// From is the stream of one source. Prefix comes before each of its lines; Flush writes what
// does not end in a line feed.
func (m *Merged) From(prefix string) *Source { return &Source{to: m, prefix: prefix} }

// Source is one of the streams of a Merged.
type Source struct {
	to      *Merged
	prefix  string
	partial []byte
}

// longLine is what is held of a line without an end, in bytes. More of it becomes a line of its own.
const longLine = 1 << 20

// Write passes on the lines that p completes.
func (s *Source) Write(p []byte) (int, error) {
	end := len(s.partial) + bytes.LastIndexByte(p, '\n')
	complete := end >= len(s.partial)
	s.partial = append(s.partial, p...)
	if !complete && len(s.partial) > longLine {
		return len(p), s.Flush()
	}
	if !complete {
		return len(p), nil
	}
	err := s.emit(s.partial[:end+1])
	s.partial = append([]byte(nil), s.partial[end+1:]...)
	return len(p), err
}

// Flush ends the last line.
func (s *Source) Flush() error {
	if len(s.partial) == 0 {
		return nil
	}
	err := s.emit(append(s.partial, '\n'))
	s.partial = nil
	return err
}

func (s *Source) emit(lines []byte) error {
	var text bytes.Buffer
	for line := range bytes.Lines(lines) {
		text.WriteString(s.prefix)
		text.Write(line)
	}
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	_, err := s.to.to.Write(text.Bytes())
	return err
}
