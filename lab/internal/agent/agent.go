// Package agent runs programs in a part of a lab for whoever is at the other end of a stream. A
// docker exec for each would cost 70 ms of CPU; there are thousands in a run of the tests.
package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/rpc"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Call is a program to run.
type Call struct {
	ID    uint64 // by which it can be killed
	Args  []string
	Stdin []byte // of the program; nothing when empty
}

// Result has the output and the exit status of a program.
type Result struct {
	Stdout, Stderr []byte
	Failure        string // "" when it succeeded; else such as "exit status 1"
	Code           int    // exit status, -1 where there is none
}

// Runner runs programs. Its methods are those of a net/rpc service.
type Runner struct {
	mu      sync.Mutex
	running map[uint64]*exec.Cmd // nil when the stream has ended
}

const service = "Runner"

// Serve runs what is asked for on the stream until that ends; then it kills what still runs.
func Serve(stream io.ReadWriteCloser) error {
	r := &Runner{running: map[uint64]*exec.Cmd{}}
	s := rpc.NewServer()
	if err := s.RegisterName(service, r); err != nil {
		return err
	}
	s.ServeConn(watched{stream, r.killAll})
	return nil
}

// watched tells when there is nothing more to be read: the service itself waits for what runs.
type watched struct {
	io.ReadWriteCloser
	ended func()
}

// Read reads.
func (w watched) Read(p []byte) (int, error) {
	n, err := w.ReadWriteCloser.Read(p)
	if err != nil {
		w.ended()
	}
	return n, err
}

// straggle is how long to wait for child processes that still hold a program's output after its end.
const straggle = time.Second

// Run runs a program to its end.
func (r *Runner) Run(call Call, result *Result) error {
	cmd := exec.Command(call.Args[0], call.Args[1:]...) // ended by Kill
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = straggle
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(call.Stdin), &stdout, &stderr
	err := r.start(call.ID, cmd)
	if err == nil {
		err = cmd.Wait()
	}
	r.forget(call.ID)
	result.Stdout, result.Stderr, result.Code = stdout.Bytes(), stderr.Bytes(), cmd.ProcessState.ExitCode()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		result.Failure = err.Error()
	}
	return nil
}

func (r *Runner) start(id uint64, cmd *exec.Cmd) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return ErrGone // it was asked for just before the stream ended
	}
	r.running[id] = cmd
	return cmd.Start()
}

func (r *Runner) forget(id uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, id)
}

// Kill ends a program with all that it has started.
func (r *Runner) Kill(id uint64, _ *struct{}) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	kill(r.running[id])
	return nil
}

func (r *Runner) killAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, cmd := range r.running {
		kill(cmd)
	}
	r.running = nil
}

func kill(cmd *exec.Cmd) {
	if cmd != nil && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Client asks a Runner at the other end of a stream.
type Client struct {
	rpc  *rpc.Client
	last atomic.Uint64
}

// ErrGone reports that the stream had ended before the request.
var ErrGone = errors.New("its agent has ended; does it run?")

// NewClient returns a client on the stream, and then owns the stream.
func NewClient(stream io.ReadWriteCloser) *Client { return &Client{rpc: rpc.NewClient(stream)} }

// Run runs a program to its end, or kills it when ctx ends. The error is not about how the program
// ended.
func (c *Client) Run(ctx context.Context, stdin []byte, args ...string) (Result, error) {
	var result Result
	call := Call{ID: c.last.Add(1), Args: args, Stdin: stdin}
	select {
	case done := <-c.rpc.Go(service+".Run", call, &result, make(chan *rpc.Call, 1)).Done:
		if errors.Is(done.Error, rpc.ErrShutdown) {
			return result, ErrGone
		}
		return result, done.Error
	case <-ctx.Done():
		c.rpc.Go(service+".Kill", call.ID, &struct{}{}, make(chan *rpc.Call, 1))
		return Result{}, context.Cause(ctx)
	}
}
