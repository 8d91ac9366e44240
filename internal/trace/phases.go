package trace

import (
	"math"
	"slices"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/timings"
)

// phase is a part of a command: a stage, the build, or what comes before or after.
type phase struct {
	name     string
	began    time.Duration // since the command began
	hosts    []string
	reached  map[string]time.Duration // when a host came to the end; missing for hosts that did not
	undo     bool
	together bool // it is a part of a rollout
	members  []*member
}

// member is a host in a phase.
type member struct {
	host   string
	spans  []int  // indexes in timings.Report.Spans
	failed string // why its work ended, "" if it did not fail
	at     time.Duration
}

// The phases for what belongs to no stage.
const (
	preparation = "prepare"  // before the rollout
	conclusion  = "conclude" // after the last stage
	building    = "build"
)

// forever is the end of a phase that has none.
const forever = time.Duration(math.MaxInt64)

// phases are those of a command in the order of their beginning. The first one is the preparation, the last one the
// conclusion.
type phases struct {
	began time.Time
	all   []*phase
}

func phasesOf(began time.Time, moments []timings.Moment) *phases {
	p := &phases{began: began, all: []*phase{{name: preparation}}}
	for _, m := range moments {
		at := m.At.Sub(began)
		switch e := m.Event.(type) {
		case event.Stage:
			p.begin(phase{name: e.Name, began: at, hosts: e.Hosts, undo: e.Undo, together: e.Together})
		case event.Reached:
			p.reach(e.Stage, e.Host, at)
		case event.Build:
			p.build(e, at)
		}
	}
	p.all = append(p.all, &phase{name: conclusion, began: forever})
	return p
}

func (p *phases) begin(next phase) {
	next.reached = map[string]time.Duration{}
	p.all = append(p.all, &next)
}

// reach ends the last phase of a name on a host.
func (p *phases) reach(name, host string, at time.Duration) {
	for _, ph := range slices.Backward(p.all) {
		if ph.name == name && slices.Contains(ph.hosts, host) {
			ph.reached[host] = at
			return
		}
	}
}

// build adds the phase of a build on the operator's machine, or ends it.
func (p *phases) build(e event.Build, at time.Duration) {
	if e.State == event.Began {
		p.begin(phase{name: building, began: at, hosts: []string{""}})
	} else {
		p.reach(building, "", at)
	}
}

// of returns the phase of what began on a host at a time: the last one of the host that had begun, if the host had not
// come to its end.
func (p *phases) of(host string, at time.Duration) *phase {
	for _, ph := range slices.Backward(p.all) {
		if ph.began > at || !slices.Contains(ph.hosts, host) {
			continue
		}
		if end, over := ph.reached[host]; over && at > end {
			break
		}
		return ph
	}
	return p.beside(at)
}

// beside returns the phase of what runs beside the stages, such as a hook between two of them: during the rollout, the
// stage that began last.
func (p *phases) beside(at time.Duration) *phase {
	first := slices.IndexFunc(p.all, func(ph *phase) bool { return ph.together })
	if first < 0 || at < p.all[first].began {
		return p.all[0]
	}
	stages := p.all[:len(p.all)-1]
	if last := stages[len(stages)-1]; at > last.end() {
		return p.all[len(p.all)-1]
	}
	for _, ph := range slices.Backward(stages) {
		if ph.began <= at {
			return ph
		}
	}
	return p.all[0]
}

// end returns when all hosts had come to the end of a phase.
func (p *phase) end() time.Duration {
	if len(p.reached) < len(p.hosts) {
		return forever
	}
	end := p.began
	for _, at := range p.reached {
		end = max(end, at)
	}
	return end
}

// member returns the part of a host in a phase, which it adds if need be.
func (p *phase) member(host string, at time.Duration) *member {
	for _, m := range p.members {
		if m.host == host {
			return m
		}
	}
	m := &member{host: host, at: at}
	p.members = append(p.members, m)
	return m
}
