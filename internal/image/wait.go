package image

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// answerTimeout is the default of Options.Answer.
const answerTimeout = time.Minute

// SilentError reports that the Docker daemon of this machine does not answer.
type SilentError struct{ Limit time.Duration }

func (e *SilentError) Error() string {
	return fmt.Sprintf("no answer within %s: the Docker daemon of this machine hangs", e.Limit)
}

// Hint says how to check and restart the daemon.
func (e *SilentError) Hint() string {
	return "run docker version; if it does not answer either, restart Docker"
}

func isSilent(err error) bool {
	var silent *SilentError
	return errors.As(err, &silent)
}

func (r runner) answerTimeout() time.Duration {
	if r.answer > 0 {
		return r.answer
	}
	return answerTimeout
}

// asksDocker reports whether c runs the docker client, which waits for the daemon without a limit.
func (c command) asksDocker() bool { return c.args[0] == "docker" }

// limited returns a context that ends with a *SilentError if the docker command c takes longer than
// answerTimeout. Programs other than docker have no limit.
func (r runner) limited(ctx context.Context, c command) (context.Context, context.CancelFunc) {
	if !c.asksDocker() {
		return context.WithCancel(ctx)
	}
	limit := r.answerTimeout()
	return context.WithTimeoutCause(ctx, limit, &SilentError{limit})
}

// watched returns a context that ends with a *SilentError if the Docker daemon hangs while c runs. c
// itself has no limit; watched asks the daemon for its version from time to time. Any answer proves that
// the daemon works. Even an error does, because a remote builder needs no daemon on this machine.
func (r runner) watched(ctx context.Context, c command) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if c.asksDocker() {
		go func() {
			for pause(ctx, r.answerTimeout()) {
				if _, err := r.output(ctx, docker("version")); isSilent(err) {
					cancel(&SilentError{r.answerTimeout()})
				}
			}
		}()
	}
	return ctx, func() { cancel(nil) }
}

// pause waits for d. It reports false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
