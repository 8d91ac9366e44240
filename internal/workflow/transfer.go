package workflow

import (
	"sync"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/registry"
)

const (
	progressInterval = time.Second // between two reports of progress
	rateIntervals    = 5           // the rate is that of so many last intervals
)

// meter reports the progress and the rate of a transfer.
type meter struct {
	now    func() time.Time
	report func(event.Progress)

	mu      sync.Mutex
	samples []sample // oldest first
}

type sample struct {
	at   time.Time
	sent int64
}

// pullProgress returns a transfer that reports the progress of the pull of the run's image on a host.
func pullProgress(env Env, host string, now func() time.Time) *registry.Transfer {
	step := pullStep(env.Scope.Project.AbsoluteImage(env.Version))
	m := &meter{now: now, samples: []sample{{at: now()}}, report: func(p event.Progress) {
		p.Host, p.Step = host, step
		env.Sink(p)
	}}
	return &registry.Transfer{Moved: m.moved}
}

func (m *meter) moved(sent, asked int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.now()
	if at.Sub(m.samples[len(m.samples)-1].at) < progressInterval {
		return
	}
	m.samples = append(m.samples, sample{at, sent})
	m.samples = m.samples[max(0, len(m.samples)-1-rateIntervals):]
	first := m.samples[0]
	rate := float64(sent-first.sent) / at.Sub(first.at).Seconds()
	m.report(event.Progress{Sent: sent, Of: asked, Rate: int64(rate)})
}
