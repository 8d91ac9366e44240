package event

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRemind_names_what_is_waited_for_once_and_nothing_after_the_end(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		waits time.Duration
		notes int
	}{
		"a short wait": {LongWait - time.Millisecond, 0},
		"a long wait":  {10 * LongWait, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got []Event
				stop := Remind(func(e Event) { got = append(got, e) }, "docker info", LongWait)
				time.Sleep(tt.waits)
				stop()
				ended := len(got) // read without a lock: stop has ended all that writes
				time.Sleep(10 * LongWait)
				if ended != tt.notes || len(got) != tt.notes || ended > 0 && got[0] != (Note{Text: "still waiting for: docker info"}) {
					t.Errorf("%d notes by the end, later %v", ended, got)
				}
			})
		})
	}
}
