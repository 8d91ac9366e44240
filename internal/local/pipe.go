package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Pipe starts command with the shell and returns its stdin and stdout as one stream: what ssh
// does with a ProxyCommand. Its stderr is mrsk's own. ctx bounds the start alone; Close ends the
// command and all that it has started.
func Pipe(ctx context.Context, command string) (io.ReadWriteCloser, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", "exec "+command) //nolint:noctx // it outlives ctx
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("run %q: %w", command, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("run %q: %w", command, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %q: %w", command, err)
	}
	return &process{cmd: cmd, in: in, out: out}, nil
}

// process is a running command seen as a stream.
type process struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	once sync.Once
	err  error
}

func (p *process) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	if errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return n, err
}

func (p *process) Write(b []byte) (int, error) { return p.in.Write(b) }

// Close ends the command, and waits until it has.
func (p *process) Close() error {
	p.once.Do(func() {
		_ = p.in.Close()
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
		timer := time.AfterFunc(grace, func() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) })
		defer timer.Stop()
		_ = p.out.Close()
		var exit *exec.ExitError
		if err := p.cmd.Wait(); !errors.As(err, &exit) {
			p.err = err
		}
	})
	return p.err
}
