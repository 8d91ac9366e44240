package remote

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatch_gives_up_after_as_many_questions_as_may_be_missed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var asked atomic.Int32
		k := keepalive{interval: 30 * time.Second, count: 3}
		if k.watch(nil, func() time.Time { return start }, func() { asked.Add(1) }) {
			t.Error("still thought to be alive")
		}
		if took := time.Since(start); took != 2*time.Minute || asked.Load() != 3 {
			t.Errorf("after %s and %d questions", took, asked.Load())
		}
	})
}

// ear remembers when something was last heard.
type ear struct{ at atomic.Int64 }

func (e *ear) hear() { e.at.Store(time.Now().UnixNano()) }

func (e *ear) heard() time.Time { return time.Unix(0, e.at.Load()) }

func TestWatch_asks_only_in_silence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ear
		e.hear()
		gone := make(chan struct{})
		go func() {
			for range 100 {
				time.Sleep(10 * time.Second)
				e.hear()
			}
			close(gone)
		}()
		k := keepalive{interval: 30 * time.Second, count: 3}
		if !k.watch(gone, e.heard, func() { t.Error("a talking host is asked") }) {
			t.Error("given up")
		}
	})
}

func TestWatch_forgets_missed_answers_once_something_is_heard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ear
		e.hear()
		var asked atomic.Int32
		answers := func() {
			if asked.Add(1)%3 == 0 { // it takes three questions to get an answer
				e.hear()
			}
		}
		gone := make(chan struct{})
		time.AfterFunc(time.Hour, func() { close(gone) })
		k := keepalive{interval: 30 * time.Second, count: 3}
		if !k.watch(gone, e.heard, answers) {
			t.Error("given up")
		}
	})
}

// A host nearby answers sooner than a timer may be late.
func TestWatch_hears_an_answer_though_it_looks_late(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ear
		e.hear()
		gone := make(chan struct{})
		time.AfterFunc(time.Hour, func() { close(gone) })
		late := func() time.Time {
			time.Sleep(time.Millisecond)
			return e.heard()
		}
		k := keepalive{interval: 30 * time.Second, count: 3}
		if !k.watch(gone, late, e.hear) {
			t.Error("given up")
		}
	})
}
