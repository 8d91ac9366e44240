package local

import (
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/event"
)

func TestRemind_names_what_is_waited_for_once_and_nothing_after_the_end(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		waits time.Duration
		notes int
	}{
		"a short wait": {event.LongWait - time.Millisecond, 0},
		"a long wait":  {10 * event.LongWait, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got []event.Event
				stop := Remind(func(e event.Event) { got = append(got, e) }, "docker info", event.LongWait)
				time.Sleep(tt.waits)
				stop()
				ended := len(got) // read without a lock: stop has ended all that writes
				time.Sleep(10 * event.LongWait)
				if ended != tt.notes || len(got) != tt.notes || ended > 0 && got[0] != (event.Note{Text: "still waiting for: docker info"}) {
					t.Errorf("%d notes by the end, later %v", ended, got)
				}
			})
		})
	}
}
