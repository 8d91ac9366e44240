// Package local runs programs on the operator's machine. No other package does. Secrets are passed to
// programs in their environment or input, and never in their arguments, which every user of the machine
// can read.
package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strings"
	"syscall"
	"time"

	"mrsk/internal/event"
)

// grace is how long a program has to end after SIGTERM, before it gets SIGKILL.
const grace = 5 * time.Second

// Command is a program to run.
type Command struct {
	Argv  []string
	Dir   string    // "" is the current folder
	Env   []string  // NAME=value, added to the environment of mrsk; the last value of a name counts
	Unset []string  // names of variables that are removed from the environment of mrsk
	Stdin io.Reader // nil is /dev/null
	Shown string    // the command for display; "" shows Argv

	// Stdout and Stderr, if not nil, receive the output. It is then neither in the Result nor sent to
	// Sink. The program inherits a file, so a terminal is a terminal for the program, too.
	Stdout, Stderr io.Writer
	// Foreground keeps the program in the process group of mrsk. Only then may it read from the
	// terminal. Programs that it has started are then not ended with it.
	Foreground bool

	// Sink receives each line of output as an event.Line of Step. It may be nil.
	Sink event.Sink
	Step string // name of the step
}

// Result is the output of a program.
type Result struct {
	Stdout string
	Stderr string
}

// Run runs c and waits until it ends. When ctx ends, the program and all programs that it has started get
// SIGTERM, and SIGKILL five seconds later. The error is a *MissingError, an *ExitError, the cause of ctx,
// or why the program could not be started. A program that writes more than 32 MB to a stdout that is kept
// is an error, too.
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
	cancelled, err := wait(ctx, cmd, c.target(cmd.Process.Pid))
	out.flush()
	errs.flush()
	r := Result{stdout.String(), stderr.String()}
	if cancelled {
		return r, context.Cause(ctx)
	}
	if out.tooMuch {
		err = errTooMuch
	}
	return r, c.failure(err, r.Stderr)
}

// String returns the command for display.
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
	inherited := os.Environ() //nolint:forbidigo // programs run as if the operator had typed them
	cmd.Env = append(slices.DeleteFunc(inherited, c.unset), c.Env...)
	cmd.Stdin = c.Stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !c.Foreground}
	// A program that was left running in the background may hold the output open: stop waiting for it.
	cmd.WaitDelay = grace
	return cmd
}

// unset reports whether c does not get the variable, given as NAME=value.
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

// target returns the pid for kill: the program's process group, or the program alone in the foreground.
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
	case errors.Is(err, fs.ErrNotExist) && firstLine(cmd.Path) != "":
		return &InterpreterError{Line: firstLine(cmd.Path)}
	case err != nil:
		return fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	return nil
}

// firstLine returns the "#!" line of a script, or "".
func firstLine(script string) string {
	file, err := os.Open(script)
	if err != nil {
		return ""
	}
	defer file.Close()
	start := make([]byte, maxInterpreter)
	n, _ := io.ReadFull(file, start)
	line, _, _ := strings.Cut(string(start[:n]), "\n")
	if !strings.HasPrefix(line, "#!") {
		return ""
	}
	return line
}

// maxInterpreter is how many bytes of a script Linux reads for the name of its interpreter.
const maxInterpreter = 256

// wait waits for cmd. When ctx ends it ends the target and returns cancelled: the exit status then says
// nothing about the work.
func wait(ctx context.Context, cmd *exec.Cmd, target int) (cancelled bool, err error) {
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
		cancelled = true
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return cancelled, err
}

// end sends SIGTERM, and SIGKILL after a while. A process group gets SIGKILL even if the program has
// ended, because other processes of the group may still run.
func end(target int, ended <-chan struct{}) {
	_ = syscall.Kill(target, syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-ended:
		if target > 0 {
			return // another process may have the pid by now
		}
	case <-timer.C:
	}
	_ = syscall.Kill(target, syscall.SIGKILL)
}

// failure returns an *ExitError for a program that ended with another status than 0.
func (c Command) failure(err error, stderr string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return &ExitError{Program: c.Argv[0], Status: status(exit.ProcessState), Stderr: stderr}
	}
	return fmt.Errorf("run %s: %w", c.Argv[0], err)
}

// status returns the exit status as a shell does: 128 plus the number of a signal.
func status(state *os.ProcessState) int {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return state.ExitCode()
}

// Output runs a program and returns its stdout. It has the type of remote.Local.Run. Errors are those of
// Run.
func Output(ctx context.Context, argv ...string) ([]byte, error) {
	r, err := Run(ctx, Command{Argv: argv})
	return []byte(r.Stdout), err
}

// User returns the name of the operator's account, "" if it has none.
func User() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER") //nolint:forbidigo // what os/user falls back on as well
}

// Home returns the operator's home folder: HOME, or that of the account if HOME is not set, as for services of
// systemd. It is "" if the account has none.
func Home() string {
	if home := os.Getenv("HOME"); home != "" { //nolint:forbidigo // a program that mrsk starts does the same
		return home
	}
	if u, err := user.Current(); err == nil {
		return u.HomeDir
	}
	return ""
}

// FindProgram returns the file that runs as a program: a path, or a name that is looked up in PATH.
func FindProgram(name string) (string, error) { return exec.LookPath(name) }
