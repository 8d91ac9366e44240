package image

import (
	"errors"
	"fmt"
	"strings"

	"mrsk/internal/diagnose"
	"mrsk/internal/local"
)

// FailedError is a command of a build that failed.
type FailedError struct {
	Step   string // "build image"
	Output string // its last lines, both streams, secrets hidden
	Err    error
}

// Error names the step and why it failed, then has the last lines of its output.
func (e *FailedError) Error() string {
	output := diagnose.Quiet(e.Output)
	if cause := e.finding().Cause; cause != "" {
		return e.Step + ": " + cause + "\n" + output
	}
	return local.Failure(e.Step, output, e.Err)
}

// Hint says what to do about the cause, where it is known.
func (e *FailedError) Hint() string {
	var silent *SilentError
	if errors.As(e.Err, &silent) {
		return silent.Hint()
	}
	return e.finding().Hint
}

// finding is the cause of the failure. Docker tells it last; what stands before may be the output of
// programs that a build runs.
func (e *FailedError) finding() diagnose.Finding {
	lines := strings.Split(strings.TrimSpace(diagnose.Quiet(e.Output)), "\n")
	return diagnose.Output(lines[len(lines)-1])
}

// Unwrap returns why it failed.
func (e *FailedError) Unwrap() error { return e.Err }

// LoginError is a registry that did not let the operator's docker in.
type LoginError struct {
	Server string
	Err    error
}

func (e *LoginError) Error() string { return e.Err.Error() }

// Unwrap returns what docker said.
func (e *LoginError) Unwrap() error { return e.Err }

// Hint names the keys of the configuration to look at.
func (e *LoginError) Hint() string {
	var failed *FailedError
	if errors.As(e.Err, &failed) && failed.Hint() != "" {
		return failed.Hint()
	}
	return "check registry.username and registry.password"
}

// MissingFileError is a Dockerfile that is not where the build would look for it.
type MissingFileError struct {
	Path    string // as configured
	Dir     string // where it was looked for
	InClone bool   // it is missing in the commit, though there is one in the working tree
}

func (e *MissingFileError) Error() string {
	if e.InClone {
		return fmt.Sprintf("no Dockerfile: %s is not in the commit that is built", e.Path)
	}
	return fmt.Sprintf("no Dockerfile: there is no %s in %s", e.Path, e.Dir)
}

// Hint says how to have one.
func (e *MissingFileError) Hint() string {
	if e.InClone {
		return "commit it, or set builder.context to build the working tree"
	}
	return "write one, or set builder.dockerfile"
}

// MissingBuildxError is a build that docker alone cannot do.
type MissingBuildxError struct {
	Needs string // what needs buildx
	Err   error  // what docker said
}

func (e *MissingBuildxError) Error() string {
	return fmt.Sprintf("%s needs docker's buildx plugin: %v", e.Needs, e.Err)
}

// Unwrap returns what docker said.
func (e *MissingBuildxError) Unwrap() error { return e.Err }

// Hint says where to get it.
func (e *MissingBuildxError) Hint() string {
	return "install the buildx plugin: https://docs.docker.com/go/buildx"
}

// CloneError is a checkout of which no clean clone could be made.
type CloneError struct {
	Dir string
	Err error
}

func (e *CloneError) Error() string { return "clone the checkout to " + e.Dir + ": " + e.Err.Error() }

// Unwrap returns what went wrong.
func (e *CloneError) Unwrap() error { return e.Err }

// Hint says how to do without a clone.
func (e *CloneError) Hint() string { return "set builder.context: . to build the working tree" }
