package script

import (
	"sync/atomic"
	"time"

	"mrsk/internal/remote"
)

// startTimeout is how long a host may take until it has read its program and begins.
const startTimeout = time.Minute

// startLimit ends a session whose program does not begin within startTimeout: a host whose system
// answers and whose shell does not would else be waited for without end.
type startLimit struct {
	timer *time.Timer
	late  atomic.Bool
}

func limitStart(session remote.Session) *startLimit {
	l := &startLimit{}
	l.timer = time.AfterFunc(startTimeout, func() {
		l.late.Store(true)
		_ = session.Close()
	})
	return l
}

// begun ends the limit. It may be called more than once.
func (l *startLimit) begun() { l.timer.Stop() }

// err is a *SilentError when the limit has ended the session.
func (l *startLimit) err() error {
	if l.late.Load() {
		return &SilentError{}
	}
	return nil
}
