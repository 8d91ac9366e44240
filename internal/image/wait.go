package image

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// answerTimeout is how long docker may take to answer a question.
const answerTimeout = time.Minute

// SilentError reports that the Docker daemon of this machine does not answer.
type SilentError struct{ Limit time.Duration }

func (e *SilentError) Error() string {
	return fmt.Sprintf("no answer within %s: the Docker daemon of this machine hangs", e.Limit)
}

// Hint returns what may help.
func (e *SilentError) Hint() string {
	return "try docker version; restart Docker if that does not answer either"
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

// asksDocker reports whether c needs an answer of the Docker daemon.
func (c command) asksDocker() bool { return c.args[0] == "docker" }

// limited returns a context that ends with a *SilentError if docker does not answer c in time. The docker
// client itself waits forever. Programs other than docker have no limit.
func (r runner) limited(ctx context.Context, c command) (context.Context, context.CancelFunc) {
	if !c.asksDocker() {
		return context.WithCancel(ctx)
	}
	limit := r.answerTimeout()
	return context.WithTimeoutCause(ctx, limit, &SilentError{limit})
}

// watched returns a context that ends with a *SilentError if the Docker daemon hangs while c runs. c itself
// may take any time, so the daemon is asked for its version from time to time. Any answer will do, and so
// will an error: a remote builder needs no daemon here.
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

// pause waits, and reports false if ctx ends before.
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
