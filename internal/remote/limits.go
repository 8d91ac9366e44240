package remote

import (
	"context"
	"fmt"
	"time"
)

// answerTimeout is how long a host, agent or program may take to answer. Healthy ones take milliseconds.
const answerTimeout = time.Minute

func (t Timing) answer() time.Duration {
	if t.Answer > 0 {
		return t.Answer
	}
	return answerTimeout
}

func (t Timing) login() time.Duration {
	if t.Login > 0 {
		return t.Login
	}
	return loginTimeout
}

// SilentError reports that a host, agent or program did not answer in time.
type SilentError struct {
	Who   string        // who did not answer, and what it was asked
	Limit time.Duration // how long it was waited for
	Ask   string        // the hint; may be empty
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("no answer from %s within %s", e.Who, e.Limit)
}

// Hint returns what may help.
func (e *SilentError) Hint() string { return e.Ask }

// within returns a context that ends after limit with a *SilentError as its cause.
func within(ctx context.Context, limit time.Duration, who, ask string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, &SilentError{who, limit, ask})
}
