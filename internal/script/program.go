package script

import (
	"cmp"
	"context"
	"errors"

	"mrsk/internal/redact"
	"mrsk/internal/remote"
)

// Opened is a session whose program has been sent.
type Opened struct {
	remote.Session
	start *startLimit
}

// Begun reports that the program has started and stops the start timeout.
func (o *Opened) Begun() { o.start.begun() }

// Wait is remote.Session.Wait, or a *SilentError when the program did not begin in time.
func (o *Opened) Wait() error {
	o.start.begun()
	if err := o.start.err(); err != nil {
		return err
	}
	return o.Session.Wait()
}

// Close gives the session up.
func (o *Opened) Close() error {
	o.start.begun()
	return o.Session.Close()
}

// ErrNotBegun is a login shell that ended well without running the program.
var ErrNotBegun = errors.New("the login shell ended before it ran the command: check the shell and the startup files of the user there")

// Open starts sh on host with a program of the caller's, which travels in stdin like every
// other. The caller calls Begun with its first output. Frames, steps and results are for Script;
// this is for programs whose streams belong to a person. What is written to the session's stdin
// is the program's input, and must not come before its first output.
//
// A login shell that ends before it has read the program gives the error of Wait, or ErrNotBegun if it ended well.
func Open(ctx context.Context, host remote.Host, program redact.String) (*Opened, error) {
	session, err := host.Start(ctx, Bootstrap)
	if err != nil {
		return nil, err
	}
	o := &Opened{session, limitStart(session)}
	if err := send(session.Stdin(), program); err != nil {
		defer o.Close()
		return nil, cmp.Or(o.start.err(), session.Wait(), ErrNotBegun)
	}
	return o, nil
}

// Nonce makes a mark that no output can look like.
func Nonce() string { return nonce() }
