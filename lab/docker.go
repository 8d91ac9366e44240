package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// commandTimeout is the timeout of a docker command, so that an engine that hangs fails a test instead of
// blocking it.
const commandTimeout = 3 * time.Minute

var errPatience = errors.New("the Docker engine has not answered in time")

// docker runs the docker command line and returns its standard output, trimmed.
func docker(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, commandTimeout, errPatience)
	defer cancel()
	out, err := output(dockerCommand(ctx, args...))
	if err != nil && errors.Is(context.Cause(ctx), errPatience) {
		err = errors.Join(errPatience, err)
	}
	return out, err
}

// dockerCommand is not bounded, as builds take long; when it is cancelled, what still holds its
// pipes is not waited for.
func dockerCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// output runs a command. Its error has the last lines of the output.
func output(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w%s", brief(cmd.Args), err, tail(stdout.String()+stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), err
}

// brief returns a command line, cut for use in an error.
func brief(args []string) string {
	line := strings.Join(args, " ")
	if len(line) > 160 {
		line = line[:160] + "…"
	}
	return line
}

// tailLines is the number of lines of a program's output in an error.
const tailLines = 20

func tail(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	return "\n  | " + strings.Join(lines, "\n  | ")
}

// together runs all functions concurrently, waits for all of them, and joins their errors.
func together(works ...func() error) error {
	errs := make([]error, len(works))
	var all sync.WaitGroup
	for i, work := range works {
		all.Go(func() { errs[i] = work() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// quiet returns a writer that discards everything if log is nil.
func quiet(log io.Writer) io.Writer {
	if log == nil {
		return io.Discard
	}
	return log
}
