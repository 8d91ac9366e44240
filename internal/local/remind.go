package local

import (
	"sync"
	"time"

	"mrsk/internal/event"
)

// Remind sends a note that what is still waited for, unless stop is called within after. It is for work
// that is not shown as a step. Once stop has returned nothing is sent.
func Remind(to event.Sink, what string, after time.Duration) (stop func()) {
	var mu sync.Mutex
	stopped := false
	timer := time.AfterFunc(after, func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			to(event.Note{Text: "still waiting for: " + what})
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		stopped = true
	}
}
