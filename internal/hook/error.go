package hook

import (
	"errors"
	"fmt"
	"syscall"

	"mrsk/internal/local"
)

// FailedError reports that a hook could not be started, ended with another status than 0, or was cancelled.
type FailedError struct {
	Hook   string // name of the hook
	Path   string // its file, for display
	Output string // the last lines of its output, without secrets
	Err    error
}

// Error returns the hook, why it failed, and the last lines of its output.
func (e *FailedError) Error() string {
	return local.Failure(fmt.Sprintf("hook %s (%s)", e.Hook, e.Path), e.Output, e.Err)
}

// Unwrap returns why the hook failed.
func (e *FailedError) Unwrap() error { return e.Err }

// Hint returns what to do next.
func (e *FailedError) Hint() string {
	if errors.Is(e.Err, syscall.ENOEXEC) {
		return `begin the file with a line like "#!/bin/sh"`
	}
	var absent *local.InterpreterError
	if errors.As(e.Err, &absent) {
		return absent.Hint()
	}
	var exit *local.ExitError
	if errors.As(e.Err, &exit) {
		return "put the hook right, or leave out all hooks with --skip-hooks"
	}
	return ""
}

// NotExecutableError reports that the file of a hook is not executable.
type NotExecutableError struct {
	Hook string
	Path string
}

func (e *NotExecutableError) Error() string {
	return fmt.Sprintf("hook %s: %s is not executable", e.Hook, e.Path)
}

// Hint returns the command that makes the file executable.
func (e *NotExecutableError) Hint() string { return "chmod +x " + e.Path }
