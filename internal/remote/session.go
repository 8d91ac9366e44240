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

// session is a channel of a connection on which one program runs. Pumps stand between the
// channel and the streams that callers see: thus cancelling frees a caller at once, even when
// the other side has stopped answering.
type session struct {
	link *link
	ch   ssh.Channel

	in, out, errs pipe

	done chan struct{} // the channel has ended; result is known
	over chan struct{} // given up on this side; cause is known

	giveUp sync.Once
	cause  error

	mu     sync.Mutex
	result error
	unbind func() bool
}

// pipe is one stream of a session, with a caller at one end and a pump at the other.
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
		return s.verdict()
	default:
		return s.cause
	}
}

func (s *session) Close() error {
	s.abort(net.ErrClosed)
	return nil
}

// use starts line, unless it was started when the session was opened.
func (s *session) use(line string) {
	if line != s.link.warm {
		s.exec(line)
	}
}

// exec asks for line to be run and returns at once. The input follows when the server has
// agreed: sshd opens a session's window together with its answer, so nothing is lost by it.
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

// ask sends a request and waits for the answer, but not for ever: a host that answers keepalives
// need not answer anything else.
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

// bind makes the end of ctx the end of the session.
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

// abort gives the session up: first for those who wait here, then for the program there.
func (s *session) abort(cause error) {
	s.giveUp.Do(func() {
		s.cause = cause
		close(s.over)
		_ = s.in.r.CloseWithError(cause)
		_ = s.out.w.CloseWithError(cause)
		_ = s.errs.w.CloseWithError(cause)
		if !s.ended() {
			s.tell()
		}
	})
}

// tell ends the program on the host. It is not waited for where nothing can be sent any more.
func (s *session) tell() {
	told := make(chan struct{})
	go func() {
		defer close(told)
		_, _ = s.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"}))
		_ = s.ch.Close()
	}()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	}
}

// watch takes the program's verdict from the channel, until the channel ends.
func (s *session) watch(reqs <-chan *ssh.Request) {
	var verdict error = &LostError{Err: errNoStatus}
	for req := range reqs {
		if v, ok := readVerdict(req); ok {
			verdict = v
		}
		if req.WantReply {
			_ = req.Reply(false, nil)
		}
	}
	s.end(verdict)
}

func (s *session) end(verdict error) {
	var lost *LostError
	if broken := s.link.wire.cause(); errors.As(verdict, &lost) && broken != nil {
		verdict = &LostError{Err: broken}
	}
	s.mu.Lock()
	s.result = verdict
	close(s.done)
	if s.unbind != nil {
		s.unbind()
	}
	s.mu.Unlock()
	_ = s.in.r.CloseWithError(io.ErrClosedPipe)
	s.link.release(s)
}

func (s *session) verdict() error {
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

// readVerdict reads how a program ended from the request that tells it (RFC 4254, 6.10).
func readVerdict(req *ssh.Request) (verdict error, ok bool) { //nolint:revive // the error is the value, not a failure
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

// signalNumbers are those that a shell adds to 128 for a program ended by a signal.
var signalNumbers = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "USR1": 10,
	"SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
}

func pump(to *io.PipeWriter, from io.Reader, size int) {
	_, err := io.CopyBuffer(to, from, make([]byte, size))
	_ = to.CloseWithError(err)
}
