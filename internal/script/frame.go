package script

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// frame is a line of ours in the output: a letter or two and numbers.
type frame struct {
	kind string
	args []string
}

// number is the i-th argument, -1 when there is none.
func (f frame) number(i int) int {
	if i >= len(f.args) {
		return -1
	}
	n, err := strconv.Atoi(f.args[i])
	if err != nil {
		return -1
	}
	return n
}

// splitFrames reads r to its end and tells frames from output. A frame is the nonce, its words
// and a newline; it may stand right behind output that does not end in a newline, so the output
// between two frames comes back byte for byte.
func splitFrames(r io.Reader, nonce string, onData func([]byte), onFrame func(frame)) error {
	s := splitter{mark: []byte(nonce + " "), onData: onData, onFrame: onFrame}
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		s.feed(buf[:n])
		if err != nil {
			s.flush()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// longFrame is more than the words of any frame take, in bytes. What is longer is output.
const longFrame = 256

type splitter struct {
	mark    []byte
	pending []byte
	onData  func([]byte)
	onFrame func(frame)
}

func (s *splitter) feed(p []byte) {
	s.pending = append(s.pending, p...)
	for s.cut() {
	}
}

// cut hands on one frame, with the data before it, or the data that cannot belong to a frame;
// it reports whether there may be more.
func (s *splitter) cut() bool {
	at := bytes.Index(s.pending, s.mark)
	if at < 0 {
		s.data(len(s.pending) - partial(s.pending, s.mark))
		return false
	}
	s.data(at)
	rest := s.pending[len(s.mark):]
	end := bytes.IndexByte(rest[:min(len(rest), longFrame)], '\n')
	switch {
	case end < 0 && len(rest) < longFrame:
		return false
	case end < 0:
		s.data(len(s.mark))
		return true
	}
	words := strings.Fields(string(rest[:end]))
	s.pending = rest[end+1:]
	if len(words) > 0 {
		s.onFrame(frame{words[0], words[1:]})
	}
	return true
}

func (s *splitter) data(n int) {
	if n > 0 {
		s.onData(s.pending[:n])
		s.pending = s.pending[n:]
	}
}

func (s *splitter) flush() { s.data(len(s.pending)) }

// partial is the length of the longest end of p that could be the beginning of mark.
func partial(p, mark []byte) int {
	for n := min(len(p), len(mark)-1); n > 0; n-- {
		if bytes.HasPrefix(mark, p[len(p)-n:]) {
			return n
		}
	}
	return 0
}
