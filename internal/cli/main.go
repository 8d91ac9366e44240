package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
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

func (e usageError) Hint() string { return e.hint }

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
	p := newProgram(ctx, sys)
	err := p.execute(ctx, args)
	err = p.opener.finish(err)
	p.close()
	return p.report(err)
}

func (p *program) execute(ctx context.Context, args []string) error {
	root := newRoot(p)
	topics(root)
	line, err := p.loader.expandAll(args)
	if err != nil {
		return err
	}
	p.line = line
	root.SetArgs(line.words)
	return errors.Join(root.ExecuteContext(ctx), p.misled)
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
func (p *program) report(err error) int {
	var usage usageError
	var status exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	p.console.fail(err)
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	return exitFailed
}
