package workflow

import (
	"sync"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/registry"
)

// pace is how often the progress of a transfer is told, and over how many of these times its rate is
// measured.
const (
	pace   = time.Second
	window = 5
)

// meter tells how far a transfer has come.
type meter struct {
	now  func() time.Time
	tell func(event.Progress)

	mu   sync.Mutex
	seen []sample // the newest last
}

type sample struct {
	at   time.Time
	sent int64
}

// pullProgress tells how far the pull of the run's image has come on a host.
func pullProgress(env Env, host string, now func() time.Time) *registry.Transfer {
	step := pullStep(env.Scope.Project.AbsoluteImage(env.Version))
	m := &meter{now: now, seen: []sample{{at: now()}}, tell: func(p event.Progress) {
		p.Host, p.Step = host, step
		env.Sink(p)
	}}
	return &registry.Transfer{Moved: m.moved}
}

func (m *meter) moved(sent, asked int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.now()
	if at.Sub(m.seen[len(m.seen)-1].at) < pace {
		return
	}
	m.seen = append(m.seen, sample{at, sent})
	m.seen = m.seen[max(0, len(m.seen)-1-window):]
	first := m.seen[0]
	rate := float64(sent-first.sent) / at.Sub(first.at).Seconds()
	m.tell(event.Progress{Sent: sent, Of: asked, Rate: int64(rate)})
}
