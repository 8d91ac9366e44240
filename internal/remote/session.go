package remote

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

var errNoStatus = errors.New("the session ended without an exit status")

// session is a channel of a connection on which one program runs. Goroutines copy between the channel
// and the pipes that callers read and write. So when a session is cancelled, its callers return at once
// even if the host does not answer.
type session struct {
	link *link
	ch   ssh.Channel

	in, out, errs pipe

	done chan struct{} // closed when the channel has ended; result is set
	over chan struct{} // closed when this side has given up; cause is set

	giveUp sync.Once
	cause  error

	mu     sync.Mutex
	result error
	unbind func() bool
}

// pipe is one stream of a session, between a caller and the goroutine that copies.
type pipe struct {
	r *io.PipeReader
	w *io.PipeWriter
}

func newPipe() pipe {
	r, w := io.Pipe()
	return pipe{r, w}
}

func newSession(l *link, ch ssh.Channel, reqs <-chan *ssh.Request) *session {
	s := &session{
		link: l, ch: ch,
		in: newPipe(), out: newPipe(), errs: newPipe(),
		done: make(chan struct{}), over: make(chan struct{}),
	}
	go s.watch(reqs)
	return s
}

func (s *session) Stdin() io.WriteCloser { return s.in.w }
func (s *session) Stdout() io.Reader     { return s.out.r }
func (s *session) Stderr() io.Reader     { return s.errs.r }

func (s *session) Wait() error {
	select {
	case <-s.done:
	case <-s.over:
	}
	select {
	case <-s.done:
		return s.outcome()
	default:
		return s.cause
	}
}

func (s *session) Close() error {
	s.abort(net.ErrClosed)
	return nil
}

// use starts line, unless it is the warm line, which already runs.
func (s *session) use(line string) {
	if line != s.link.warm {
		s.exec(line)
	}
}

// exec asks the host to run line, and returns at once. Input is sent after the host has answered. That
// costs no time: sshd opens the window of a session together with its answer.
func (s *session) exec(line string) {
	go pump(s.out.w, s.ch, 32<<10)
	go pump(s.errs.w, s.ch.Stderr(), 4<<10)
	go func() {
		ok, err := s.ask("exec", ssh.Marshal(struct{ Command string }{line}))
		if err != nil || !ok {
			s.refused(err)
			return
		}
		s.feed()
	}()
}

// ask sends a request and waits for the answer. It gives the session up after a timeout, because a host
// that answers keepalives may still not answer requests.
func (s *session) ask(name string, payload []byte) (bool, error) {
	timer := time.AfterFunc(s.link.answer, func() {
		s.abort(&LostError{Err: &SilentError{"the host, asked to start a program,", s.link.answer, "check its load, and the log of its sshd"}})
	})
	defer timer.Stop()
	type answer struct {
		ok  bool
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		ok, err := s.ch.SendRequest(name, true, payload)
		answers <- answer{ok, err}
	}()
	select {
	case a := <-answers:
		return a.ok, a.err
	case <-s.over:
		return false, s.cause
	}
}

func (s *session) feed() {
	_, _ = io.CopyBuffer(s.ch, s.in.r, make([]byte, 16<<10))
	_ = s.in.r.CloseWithError(io.ErrClosedPipe)
	_ = s.ch.CloseWrite()
}

func (s *session) refused(err error) {
	if err == nil {
		s.abort(&RefusedError{What: "run the command"})
		return
	}
	_ = s.ch.Close()
}

// bind ends the session when ctx ends.
func (s *session) bind(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { s.abort(context.Cause(ctx)) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended() {
		stop()
		return
	}
	s.unbind = stop
}

// abort gives the session up. Callers return with cause; then the program on the host is terminated.
func (s *session) abort(cause error) {
	s.giveUp.Do(func() {
		s.cause = cause
		close(s.over)
		_ = s.in.r.CloseWithError(cause)
		_ = s.out.w.CloseWithError(cause)
		_ = s.errs.w.CloseWithError(cause)
		if !s.ended() {
			s.terminate()
		}
	})
}

// terminate sends the program SIGTERM and closes the channel. It waits at most a second, because a lost
// connection does not send.
func (s *session) terminate() {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = s.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"}))
		_ = s.ch.Close()
	}()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-sent:
	case <-timer.C:
	}
}

// watch reads how the program ended from the channel, until the channel ends.
func (s *session) watch(reqs <-chan *ssh.Request) {
	var result error = &LostError{Err: errNoStatus}
	for req := range reqs {
		if r, ok := readResult(req); ok {
			result = r
		}
		if req.WantReply {
			_ = req.Reply(false, nil)
		}
	}
	s.end(result)
}

func (s *session) end(result error) {
	var lost *LostError
	if broken := s.link.conn.cause(); errors.As(result, &lost) && broken != nil {
		result = &LostError{Err: broken}
	}
	s.mu.Lock()
	s.result = result
	close(s.done)
	if s.unbind != nil {
		s.unbind()
	}
	s.mu.Unlock()
	_ = s.in.r.CloseWithError(io.ErrClosedPipe)
	s.link.release(s)
}

func (s *session) outcome() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lost *LostError
	if errors.As(s.result, &lost) && s.gaveUp() {
		return s.cause
	}
	return s.result
}

func (s *session) gaveUp() bool { return isClosed(s.over) }

func (s *session) ended() bool { return isClosed(s.done) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// readResult reads the result of a program from a request: exit-status or exit-signal (RFC 4254,
// section 6.10). ok is false for other requests.
func readResult(req *ssh.Request) (result error, ok bool) { //nolint:revive // the error is the value, not a failure
	switch req.Type {
	case "exit-status":
		var m struct{ Status uint32 }
		if ssh.Unmarshal(req.Payload, &m) != nil {
			return nil, false
		}
		if m.Status == 0 {
			return nil, true
		}
		return &ExitError{Status: int(m.Status)}, true
	case "exit-signal":
		var m struct {
			Name       string
			CoreDumped bool
			Message    string
			Language   string
		}
		if ssh.Unmarshal(req.Payload, &m) != nil {
			return nil, false
		}
		return &ExitError{Status: 128 + signalNumbers[m.Name], Signal: m.Name}, true
	}
	return nil, false
}

// signalNumbers are the numbers that a shell adds to 128 for a program that a signal ended.
var signalNumbers = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "USR1": 10,
	"SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
}

func pump(to *io.PipeWriter, from io.Reader, size int) {
	_, err := io.CopyBuffer(to, from, make([]byte, size))
	_ = to.CloseWithError(err)
}
