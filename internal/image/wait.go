package image

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mrsk/internal/diagnose"
)

// answerTimeout is the default of Options.Answer.
const answerTimeout = time.Minute

// SilentError reports that a Docker daemon does not answer.
type SilentError struct {
	Limit  time.Duration    // how long it was waited for
	Engine diagnose.Machine // where it runs
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("no answer within %s: the Docker daemon of %s hangs", e.Limit, e.Engine)
}

// Hint says how to check and restart the daemon.
func (e *SilentError) Hint() string {
	if e.Engine == diagnose.ThisMachine {
		return "run docker version; if it does not answer either, restart Docker"
	}
	return e.Engine.Start()
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
	return context.WithTimeoutCause(ctx, limit, &SilentError{limit, r.engineOf(c)})
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
					cancel(&SilentError{r.answerTimeout(), r.engine})
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
