package remote

import (
	"context"
	"fmt"
	"time"
)

// answerTimeout is long for what a healthy host, agent or program does in milliseconds.
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

// SilentError is someone who has not done in time what was asked.
type SilentError struct {
	Who   string
	Limit time.Duration
	Ask   string // what to look for; may be empty
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("no answer from %s within %s", e.Who, e.Limit)
}

// Hint says what may help.
func (e *SilentError) Hint() string { return e.Ask }

// within bounds a wait for who.
func within(ctx context.Context, limit time.Duration, who, ask string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, &SilentError{who, limit, ask})
}
