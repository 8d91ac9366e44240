// Package remote is the door to the servers: SSH connections on which programs are started.
// It knows nothing of docker, scripts or deploys, and is the only user of x/crypto/ssh.
package remote

import (
	"context"
	"fmt"
	"io"
)

// Host is a server on which programs can be started: what the rest of the program needs of a
// connection. *Client is the real one; tests bring their own.
type Host interface {
	// Name is the host as the configuration names it.
	Name() string
	// Start begins line in the user's login shell. Cancelling ctx ends the session.
	Start(ctx context.Context, line string) (Session, error)
}

// Session is a program that runs on a host.
type Session interface {
	// Stdin is the program's input; closing it is what ends a program that reads it.
	Stdin() io.WriteCloser
	Stdout() io.Reader
	Stderr() io.Reader
	// Wait returns nil when the program ended with status 0, *ExitError when it ended
	// otherwise, and *LostError when the connection went away before it was known how.
	// Stdout and Stderr must have been read to their end before.
	Wait() error
	// Close gives the session up; it is safe to call more than once.
	Close() error
}

// ExitError is a program that ended with a status other than 0.
type ExitError struct {
	Status int
	Signal string // set when a signal ended it
}

func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "killed by signal " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Status)
}

// LostError is a connection that went away while a program ran: nothing is known of what the
// program did after that.
type LostError struct{ Err error }

func (e *LostError) Error() string {
	if e.Err == nil {
		return "connection lost"
	}
	return "connection lost: " + e.Err.Error()
}

func (e *LostError) Unwrap() error { return e.Err }
