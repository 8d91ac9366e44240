package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes of mrsk.
const (
	exitFailed      = 1
	exitUsage       = 2   // the command line is wrong
	exitDiffers     = 3   // status or plan finds a difference or does not know of one, or doctor has an error
	exitWarned      = 4   // doctor has only warnings
	exitInterrupted = 130 // as a shell reports a program that SIGINT ended
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
	p := newProgram(ctx, sys)
	go watch(sys.Interrupts, cancel, func() {
		p.console.abandon() // the prompt of the shell would stand behind what runs
		os.Exit(exitInterrupted)
	})
	err := p.execute(ctx, args)
	err = p.opener.finish(ctx, err)
	p.opener.emitExit(err)
	p.close()
	return p.report(err)
}

func (p *program) execute(ctx context.Context, args []string) error {
	root := newRoot(p)
	p.topics(root)
	line, err := p.loader.expandAll(args)
	if err != nil {
		return err
	}
	p.line = line
	root.SetArgs(line.words)
	return errors.Join(root.ExecuteContext(ctx), p.misled)
}

// watch asks the work to end at the first signal, and calls quit at the second.
func watch(signals <-chan os.Signal, cancel context.CancelCauseFunc, quit func()) {
	if _, ok := <-signals; !ok {
		return
	}
	cancel(errInterrupted)
	<-signals
	quit()
}

func interrupts() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return c
}

// report shows err and chooses the exit code.
func (p *program) report(err error) int {
	if err != nil && !errors.As(err, new(exitError)) {
		p.console.fail(err)
	}
	return codeOf(err)
}

// codeOf returns the exit code of a command that ended with err.
func codeOf(err error) int {
	var status exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, new(usageError)):
		return exitUsage
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	return exitFailed
}
