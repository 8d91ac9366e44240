package ui

import (
	"fmt"
	"time"
)

const (
	firstReminder = 15 * time.Second
	longestGap    = 5 * time.Minute
)

// reminder says on a screen that is not a terminal what is waited for, when nothing has been printed for
// a while. The gaps double from firstReminder to longestGap, so that the log of a long wait stays short.
type reminder struct {
	timer *time.Timer
	since time.Time // when something was last printed
	gap   time.Duration
}

// restart begins a new silence, if anything is waited for.
func (r *reminder) restart(waiting bool, remind func()) {
	r.stop()
	if !waiting {
		return
	}
	r.since, r.gap = time.Now(), firstReminder
	r.timer = time.AfterFunc(r.gap, remind)
}

func (r *reminder) stop() {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.timer = nil
}

// again sets the timer for the next reminder of the same silence.
func (r *reminder) again() {
	r.gap = min(2*r.gap, longestGap)
	r.timer.Reset(r.gap)
}

// awaited is called when an event has been shown, with what was printed for it.
func (u *UI) awaited(printed string) {
	quiet := printed == "" && u.remind.timer != nil
	if u.options.Terminal || quiet && len(u.live.running) > 0 {
		return
	}
	u.remind.restart(len(u.live.running) > 0, u.stillWaiting)
}

// stillWaiting prints what is waited for.
func (u *UI) stillWaiting() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.remind.timer == nil || len(u.live.running) == 0 {
		return // ended while the timer fired
	}
	last := u.live.running[len(u.live.running)-1]
	text := "still waiting for: " + clean(last.name)
	if others := len(u.live.running) - 1; others > 0 {
		text += fmt.Sprintf(" (+%d)", others)
	}
	l := line{machine(last.host), text + " (" + time.Since(u.remind.since).Round(time.Second).String() + ")", dim}
	u.print(u.paint.line(l) + "\n")
	u.remind.again()
}
