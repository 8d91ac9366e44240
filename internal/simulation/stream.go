package simulation

import (
	"io"
	"sync"
	"time"
)

// stream is one direction of a session's channel. What is written arrives after the latency of the
// connection, in order.
type stream struct {
	conn *conn
	mu   sync.Mutex
	text []byte
	end  error // why no more will come, nil while more may
	last time.Time
	wake chan struct{} // closed and replaced at each change
	over chan struct{} // closed at the end
}

func newStream(c *conn) *stream {
	return &stream{conn: c, wake: make(chan struct{}), over: make(chan struct{})}
}

// Write is for the operator's side. It fails if the connection is known to be gone.
func (s *stream) Write(p []byte) (int, error) {
	if s.conn.broken() {
		return 0, io.ErrClosedPipe
	}
	s.send(string(p))
	return len(p), nil
}

func (s *stream) send(text string) { s.later(func() { s.text = append(s.text, text...) }) }

// finish ends the stream behind what was written to it.
func (s *stream) finish(err error) { s.later(func() { s.end = err }) }

// later changes the stream when what is sent now arrives. A mute connection loses it.
func (s *stream) later(change func()) {
	s.mu.Lock()
	at := time.Now().Add(s.conn.latency())
	if !at.After(s.last) {
		at = s.last.Add(1)
	}
	s.last = at
	s.mu.Unlock()
	time.AfterFunc(time.Until(at), func() {
		if !s.conn.silent() {
			s.change(change)
		}
	})
}

// cut ends the stream at once, and loses what is under way.
func (s *stream) cut(err error) {
	s.change(func() { s.end, s.text = err, nil })
}

func (s *stream) change(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		return
	}
	change()
	if s.end != nil {
		close(s.over)
	}
	close(s.wake)
	s.wake = make(chan struct{})
}

// next takes what has arrived, up to limit bytes. With nothing there it returns a channel that is
// closed at the next change.
func (s *stream) next(limit int) (text []byte, changed <-chan struct{}, end error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.text) == 0 {
		return nil, s.wake, s.end
	}
	n := min(limit, len(s.text))
	text, s.text = s.text[:n:n], s.text[n:]
	return text, nil, nil
}

// Read is for the operator's side.
func (s *stream) Read(p []byte) (int, error) {
	for {
		text, changed, end := s.next(len(p))
		switch {
		case text != nil:
			return copy(p, text), nil
		case end != nil:
			return 0, end
		}
		<-changed
	}
}
