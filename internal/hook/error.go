package hook

import (
	"errors"
	"fmt"
	"syscall"

	"mrsk/internal/local"
)

// FailedError is a hook that could not be started, did not end with status 0, or was ended.
type FailedError struct {
	Hook   string // the name that was asked for
	Path   string // the file, as the user would write it
	Output string // its last lines, both streams, secrets hidden
	Err    error
}

// Error names the hook and why it failed, then has the last lines of its output.
func (e *FailedError) Error() string {
	return local.Failure(fmt.Sprintf("hook %s (%s)", e.Hook, e.Path), e.Output, e.Err)
}

// Unwrap returns why it failed.
func (e *FailedError) Unwrap() error { return e.Err }

// Hint helps with a script that no interpreter is named for.
func (e *FailedError) Hint() string {
	if errors.Is(e.Err, syscall.ENOEXEC) {
		return `begin the file with a line like "#!/bin/sh"`
	}
	return ""
}

// NotExecutableError is a hook's file that may not be executed.
type NotExecutableError struct {
	Hook string
	Path string
}

func (e *NotExecutableError) Error() string {
	return fmt.Sprintf("hook %s: %s is not executable", e.Hook, e.Path)
}

// Hint is the command that makes it executable.
func (e *NotExecutableError) Hint() string { return "chmod +x " + e.Path }
