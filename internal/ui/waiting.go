package ui

import (
	"fmt"
	"time"

	"mrsk/internal/event"
)

const longestGap = 5 * time.Minute

// reminder prints what the run waits for if nothing was printed for a while. It is for screens that are not a
// terminal. The pauses double from event.LongWait to longestGap, so that the log of a long wait stays short.
type reminder struct {
	timer *time.Timer
	since time.Time // when something was last printed
	gap   time.Duration
}

// restart begins a new pause, if the run waits for something.
func (r *reminder) restart(waiting bool, remind func()) {
	r.stop()
	if !waiting {
		return
	}
	r.since, r.gap = time.Now(), event.LongWait
	r.timer = time.AfterFunc(r.gap, remind)
}

func (r *reminder) stop() {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.timer = nil
}

// again sets the timer for the next reminder of the same pause.
func (r *reminder) again() {
	r.gap = min(2*r.gap, longestGap)
	r.timer.Reset(r.gap)
}

// awaited is called after an event, with the text that was printed for it.
func (u *UI) awaited(printed string) {
	quiet := printed == "" && u.remind.timer != nil
	if u.options.Terminal || quiet && len(u.live.running) > 0 {
		return
	}
	u.remind.restart(len(u.live.running) > 0, u.stillWaiting)
}

// stillWaiting prints what the run waits for. Lines that are held come first, because they are about what was done before.
func (u *UI) stillWaiting() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.remind.timer == nil || len(u.live.running) == 0 {
		return // ended while the timer fired
	}
	u.unfold()
	took := " (" + time.Since(u.remind.since).Round(time.Second).String() + ")"
	for _, r := range u.live.awaited() {
		u.print(u.paint.line(line{machine(r.host), "still waiting for: " + r.name + took, dim}) + "\n")
	}
	u.remind.again()
}

// awaited returns what a reminder names: all steps with known progress, or else the one that began last and
// the number of others.
func (l *live) awaited() []running {
	var all []running
	for _, r := range l.running {
		if r.progress != "" {
			all = append(all, running{host: r.host, name: clean(r.name) + ", " + r.progress})
		}
	}
	if len(all) > 0 {
		return all
	}
	last := l.running[len(l.running)-1]
	name := clean(last.name)
	if others := len(l.running) - 1; others > 0 {
		name += fmt.Sprintf(" (+%d)", others)
	}
	return []running{{host: last.host, name: name}}
}
