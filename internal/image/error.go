package image

import (
	"errors"
	"fmt"

	"mrsk/internal/diagnose"
	"mrsk/internal/local"
)

// FailedError reports that a command on the operator's machine failed.
type FailedError struct {
	Step   string           // such as "build image"
	Output string           // the last lines of both streams, secrets hidden
	Engine diagnose.Machine // whose Docker the command asked
	Err    error
}

// Error returns the step, the cause, and the last lines of the output.
func (e *FailedError) Error() string {
	output := diagnose.Quiet(e.Output)
	if cause := e.finding().Cause; cause != "" {
		return e.Step + ": " + cause + "\n" + output
	}
	return local.Failure(e.Step, output, e.Err)
}

// Hint says what to do, if the cause is known.
func (e *FailedError) Hint() string {
	var silent *SilentError
	if errors.As(e.Err, &silent) {
		return silent.Hint()
	}
	return e.finding().Hint
}

func (e *FailedError) finding() diagnose.Finding { return diagnose.Local(e.Output, e.Engine) }

// Unwrap returns why it failed.
func (e *FailedError) Unwrap() error { return e.Err }

// LoginError reports that a registry refused the login of the operator's docker.
type LoginError struct {
	Server string
	Err    error
}

func (e *LoginError) Error() string { return e.Err.Error() }

// Unwrap returns the failure of docker login.
func (e *LoginError) Unwrap() error { return e.Err }

// Hint names the configuration keys of the login, unless the failure has a hint of its own.
func (e *LoginError) Hint() string {
	var failed *FailedError
	if errors.As(e.Err, &failed) && failed.Hint() != "" {
		return failed.Hint()
	}
	return "check registry.username and registry.password"
}

// MissingFileError reports that the Dockerfile does not exist.
type MissingFileError struct {
	Path    string // as configured
	Dir     string // the directory that Path is relative to
	InClone bool   // it is missing in the commit, but exists in the working tree
}

func (e *MissingFileError) Error() string {
	if e.InClone {
		return fmt.Sprintf("no Dockerfile: %s is not in the commit that is built", e.Path)
	}
	return fmt.Sprintf("no Dockerfile: there is no %s in %s", e.Path, e.Dir)
}

// Hint says how to provide a Dockerfile.
func (e *MissingFileError) Hint() string {
	if e.InClone {
		return "commit it, or set builder.context to build the working tree"
	}
	return "write one, or set builder.dockerfile"
}

// MissingBuildxError reports that a setting needs buildx, which is not installed.
type MissingBuildxError struct {
	Needs string // the setting, such as "builder.cache"
	Err   error  // the failure of docker buildx
}

func (e *MissingBuildxError) Error() string {
	return fmt.Sprintf("%s needs docker's buildx plugin: %v", e.Needs, e.Err)
}

// Unwrap returns the failure of docker buildx.
func (e *MissingBuildxError) Unwrap() error { return e.Err }

// Hint says how to install buildx.
func (e *MissingBuildxError) Hint() string {
	return "install the buildx plugin: https://docs.docker.com/go/buildx"
}

// CloneError reports that the checkout could not be cloned to Dir.
type CloneError struct {
	Dir string
	Err error
}

func (e *CloneError) Error() string { return "clone the checkout to " + e.Dir + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *CloneError) Unwrap() error { return e.Err }

// Hint says how to build without a clone.
func (e *CloneError) Hint() string { return "set builder.context: . to build the working tree" }
