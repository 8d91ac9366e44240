package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"mrsk/internal/ui"
)

// The exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// usageError is a command line that makes no sense.
type usageError struct {
	err  error
	hint string
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }
func (e usageError) Hint() string  { return e.hint }

// errInterrupted is the cause of a run that ends because somebody asked it to.
var errInterrupted = errors.New("interrupted")

// exitError ends the program with the status of a command that ran elsewhere, saying nothing.
type exitError int

func (e exitError) Error() string { return "the command failed" }

// Main runs the program with args and returns its exit code.
func Main(sys System, args []string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go watch(sys.Interrupts, cancel)
	in := &invocation{sys: sys}
	err := in.execute(ctx, args)
	if in.end != nil {
		err = errors.Join(err, in.end())
	}
	if in.record != nil {
		in.record.End(err, ui.Error(err))
	}
	in.close()
	return in.report(err)
}

func (in *invocation) execute(ctx context.Context, args []string) error {
	in.world = in.templates(ctx)
	root := newRoot(in)
	topics(root)
	args, err := in.expandAll(args)
	if err != nil {
		return err
	}
	in.args = args
	root.SetArgs(args)
	return errors.Join(root.ExecuteContext(ctx), in.misled)
}

// watch asks the work to end at the first signal, and ends the program at the second.
func watch(signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	if _, ok := <-signals; !ok {
		return
	}
	cancel(errInterrupted)
	<-signals
	os.Exit(exitInterrupted)
}

func interrupts() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return c
}

// report shows err and chooses the exit code.
func (in *invocation) report(err error) int {
	var usage usageError
	var status exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	in.fail(err)
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	return exitFailed
}

func (in *invocation) fail(err error) {
	if in.screen == nil {
		in.screen = ui.New(ui.Options{Err: in.sys.Err, Color: ui.WantsColor(in.sys.ErrTerminal, in.sys.Getenv), Hide: in.hidden.hide})
	}
	in.screen.Fail(err)
}
