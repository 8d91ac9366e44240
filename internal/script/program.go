package script

import (
	"context"

	"mrsk/internal/remote"
)

// Open starts sh on host with a program of the caller's, which travels in stdin like every
// other. Frames, steps and results are for Script; this is for programs whose streams belong to
// a person. What is written to the session's stdin is the program's input, and must not come
// before its first output.
func Open(ctx context.Context, host remote.Host, program string) (remote.Session, error) {
	session, err := host.Start(ctx, Bootstrap)
	if err != nil {
		return nil, err
	}
	if err := send(session.Stdin(), program); err != nil {
		_ = session.Close()
		return nil, &remote.LostError{Err: err}
	}
	return session, nil
}

// Nonce makes a mark that no output can look like.
func Nonce() string { return nonce() }
