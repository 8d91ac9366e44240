package script

import (
	"context"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"mrsk/internal/event"
	"mrsk/internal/remote"
)

// localHost runs what it is given with a shell of this machine, as sshd would: in a session of
// its own, with pipes.
type localHost struct {
	shell []string // the login shell up to the command, default sh -c
	env   []string
	// last is the session started last, for tests that cut its line.
	last *localSession
}

func (*localHost) Name() string { return "vm1" }

func (h *localHost) Start(_ context.Context, line string) (remote.Session, error) {
	shell := h.shell
	if shell == nil {
		shell = []string{"sh", "-c"}
	}
	cmd := exec.Command(shell[0], append(shell[1:], line)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if h.env != nil {
		cmd.Env = h.env
	}
	s := &localSession{cmd: cmd}
	s.in, _ = cmd.StdinPipe()
	s.out, _ = cmd.StdoutPipe()
	s.err, _ = cmd.StderrPipe()
	h.last = s
	return s, cmd.Start()
}

type localSession struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	err  io.ReadCloser
	once sync.Once

	ended  sync.Once
	status error
}

func (s *localSession) Stdin() io.WriteCloser { return s.in }
func (s *localSession) Stdout() io.Reader     { return s.out }
func (s *localSession) Stderr() io.Reader     { return s.err }

func (s *localSession) Wait() error {
	s.ended.Do(func() {
		if err := s.cmd.Wait(); err != nil {
			s.status = &remote.ExitError{Status: s.cmd.ProcessState.ExitCode()}
		}
	})
	return s.status
}

// Close hangs up: the program sees the end of its input and writes into closed pipes.
func (s *localSession) Close() error {
	s.once.Do(func() {
		_ = s.in.Close()
		_ = s.out.Close()
		_ = s.err.Close()
	})
	return nil
}

// recorder keeps events.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorder) sink(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) lines() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if l, ok := e.(event.Line); ok {
			out = append(out, l.Step+" "+l.Stream+": "+l.Text)
		}
	}
	return out
}

// shells are the shells a host may have as sh; those that this machine lacks are left out.
func shells(t *testing.T) map[string]string {
	found := map[string]string{}
	for _, name := range []string{"dash", "bash", "busybox"} {
		if path, err := exec.LookPath(name); err == nil {
			found[name] = path
		}
	}
	if len(found) == 0 {
		t.Fatal("neither dash, bash nor busybox is installed")
	}
	return found
}
