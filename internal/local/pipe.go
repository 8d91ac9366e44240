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

// Pipe starts command with the shell and returns its stdin and stdout as one stream, as ssh does with a
// ProxyCommand. Its stderr goes to that of mrsk. ctx limits only the start. Close ends the command and all
// programs that it has started.
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

// process is a running command. Its stdin and stdout are the stream.
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

// Close ends the command and waits for it. It may be called more than once. A command that ends with
// another status than 0 is no error.
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
