// Package remote connects to hosts over SSH and runs programs there. It applies the user's SSH
// configuration, keys and known hosts. It does not know docker, scripts or deploys, and is the only
// package that uses x/crypto/ssh.
package remote

import (
	"context"
	"fmt"
	"io"
)

// Host is a server that programs can be run on. *Client implements it over SSH; tests have their own
// implementations.
type Host interface {
	// Name returns the name of the host in the configuration.
	Name() string
	// Start runs line in the user's login shell. Cancelling ctx ends the session.
	Start(ctx context.Context, line string) (Session, error)
}

// Session is a program that runs on a host. Its methods may be called from several goroutines.
type Session interface {
	// Stdin returns the program's standard input. Closing it ends a program that reads it to its end.
	Stdin() io.WriteCloser
	// Stdout returns what the program writes to its standard output. A program waits once the window of its
	// channel is full, so somebody has to read it.
	Stdout() io.Reader
	// Stderr is like Stdout, for standard error.
	Stderr() io.Reader
	// Wait waits for the end of the program. It returns nil for exit status 0, an *ExitError for
	// any other end, and a *LostError when the connection was lost before the end was known.
	// Read Stdout and Stderr to their end before Wait.
	Wait() error
	// Close ends the session. It may be called more than once.
	Close() error
}

// ExitError reports that a program ended with a status other than 0.
type ExitError struct {
	Status int    // 128 plus its number for a signal, as in a shell
	Signal string // name without SIG, such as TERM; "" without a signal
}

func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "killed by signal " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Status)
}

// LostError reports that the connection was lost while a program ran. What the program did after that
// is not known.
type LostError struct {
	Err error // why; may be nil
}

func (e *LostError) Error() string {
	if e.Err == nil {
		return "connection lost"
	}
	return "connection lost: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *LostError) Unwrap() error { return e.Err }
