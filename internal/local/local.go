// Package local runs programs on the operator's machine, and is the only one that does. Secrets
// reach programs through their environment or their input, never through their arguments, which
// anybody on the machine can read.
package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strings"
	"syscall"
	"time"

	"mrsk/internal/event"
)

// grace is what a program is left to end in after TERM, before KILL.
const grace = 5 * time.Second

// Command is a program to run.
type Command struct {
	Argv  []string
	Dir   string    // "" is the current one
	Env   []string  // KEY=value, added to the environment of mrsk itself; the last of a key wins
	Unset []string  // names of variables of mrsk's own environment that the program does not get
	Stdin io.Reader // nil is /dev/null
	Shown string    // the command as it may be shown; "" shows Argv

	// Stdout and Stderr, where they are not nil, get what the program writes there, which is then
	// neither kept nor told. A file is the program's own: it finds a terminal there if it is one.
	Stdout, Stderr io.Writer
	// Foreground leaves the program in mrsk's own process group: elsewhere it may not read from
	// the terminal. What it has started is then not ended with it.
	Foreground bool

	// Sink receives each line of output as it is written, as lines of Step. It may be nil.
	Sink event.Sink
	Step string
}

// Result is what a program has written.
type Result struct {
	Stdout string
	Stderr string
}

// Run runs c and waits for its end. When ctx ends, the program and all that it has started get
// TERM, and KILL five seconds later. The error is a *MissingError, an *ExitError, the cause of
// ctx, or what kept the program from starting.
func Run(ctx context.Context, c Command) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	cmd := c.prepare()
	var stdout, stderr bytes.Buffer
	out := c.stream("stdout", &stdout)
	errs := c.stream("stderr", &stderr)
	cmd.Stdout, cmd.Stderr = either(c.Stdout, out), either(c.Stderr, errs)
	if err := c.start(cmd); err != nil {
		return Result{}, err
	}
	told, err := wait(ctx, cmd, c.target(cmd.Process.Pid))
	out.flush()
	errs.flush()
	r := Result{stdout.String(), stderr.String()}
	if told {
		return r, context.Cause(ctx)
	}
	if out.tooMuch {
		err = errTooMuch
	}
	return r, c.explain(err, r.Stderr)
}

// String is the command as it may be shown.
func (c Command) String() string {
	if c.Shown != "" {
		return c.Shown
	}
	return strings.Join(c.Argv, " ")
}

func (c Command) prepare() *exec.Cmd {
	// The context is not given to exec: it would kill one process, not the group.
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...) //nolint:noctx // see above
	cmd.Dir = c.Dir
	inherited := os.Environ() //nolint:forbidigo // programs here run as if the operator had typed them
	cmd.Env = append(slices.DeleteFunc(inherited, c.unset), c.Env...)
	cmd.Stdin = c.Stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !c.Foreground}
	// What the program leaves running may hold its output open; it is not waited for longer.
	cmd.WaitDelay = grace
	return cmd
}

// unset reports whether a KEY=value is of a variable that c does not get.
func (c Command) unset(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains(c.Unset, name)
}

func either(given io.Writer, kept *stream) io.Writer {
	if given != nil {
		return given
	}
	return kept
}

// target is what signals go to: the program's group, else the program alone.
func (c Command) target(pid int) int {
	if c.Foreground {
		return pid
	}
	return -pid
}

func (c Command) start(cmd *exec.Cmd) error {
	err := cmd.Start()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return &MissingError{Program: c.Argv[0]}
	case err != nil:
		return fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	return nil
}

// wait waits for cmd. When ctx ends the target is told to end: what became of the work is not
// known then, whatever the status.
func wait(ctx context.Context, cmd *exec.Cmd, target int) (told bool, err error) {
	ended := make(chan struct{})
	killed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		end(target, ended)
	})
	err = cmd.Wait()
	close(ended)
	if !stop() {
		<-killed
		told = true
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return told, err
}

// end sends TERM and, to what is left after a while, KILL. A group is asked where there is one:
// the program may have gone and left others.
func end(target int, ended <-chan struct{}) {
	_ = syscall.Kill(target, syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-ended:
		if target > 0 {
			return // the number may be somebody else's by now
		}
	case <-timer.C:
	}
	_ = syscall.Kill(target, syscall.SIGKILL)
}

func (c Command) explain(err error, stderr string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return &ExitError{Program: c.Argv[0], Status: status(exit.ProcessState), Stderr: stderr}
	}
	return fmt.Errorf("run %s: %w", c.Argv[0], err)
}

// status is the exit status as a shell tells it.
func status(state *os.ProcessState) int {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return state.ExitCode()
}

// Output runs a program and returns its stdout. It has the shape that remote.Local wants.
func Output(ctx context.Context, argv ...string) ([]byte, error) {
	r, err := Run(ctx, Command{Argv: argv})
	return []byte(r.Stdout), err
}

// User is the name of the operator's account, "" where it has none.
func User() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER") //nolint:forbidigo // what os/user falls back on as well
}
