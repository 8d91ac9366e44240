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
)

// docker runs the docker command line and returns its standard output, trimmed.
func docker(ctx context.Context, args ...string) (string, error) {
	return output(dockerCommand(ctx, args...))
}

func dockerCommand(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "docker", args...)
}

// output runs a command; its error carries the end of what it wrote.
func output(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w%s", brief(cmd.Args), err, tail(stdout.String()+stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), err
}

// brief is a command line short enough for an error.
func brief(args []string) string {
	line := strings.Join(args, " ")
	if len(line) > 160 {
		line = line[:160] + "…"
	}
	return line
}

// tailLines is how much of a program's output an error tells.
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

// together runs all functions at once, waits for all of them, and joins what failed.
func together(works ...func() error) error {
	errs := make([]error, len(works))
	var all sync.WaitGroup
	for i, work := range works {
		all.Go(func() { errs[i] = work() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// quiet makes a log of nil safe to write to.
func quiet(log io.Writer) io.Writer {
	if log == nil {
		return io.Discard
	}
	return log
}
