package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// fault is something that goes wrong in a simulation.
type fault struct {
	name  string
	gate  int           // how many gates have opened when it becomes due; 0 is the begin of the deploy
	after time.Duration // from then on
	do    func()
}

// scene is a deploy during which faults happen.
type scene struct {
	w        *World
	operator *operator
	random   *rand.Rand
	cancel   context.CancelCauseFunc
	killed   bool // the operator is gone: nobody reads what the run says
	doubtful bool // it was killed during the commit, or after it
	raced    bool // a second operator took part
	faults   []fault
}

var errInterrupted = errors.New("interrupted")

// chance is what is drawn for every fault: a host, a moment and how long it lasts.
type chance struct {
	host    *Host
	version string // that is deployed
	after   time.Duration
	lasts   time.Duration // up to 51 s
}

// kinds are the faults to draw from: each returns its name, and what happens when it is due. Those that
// find most are there more than once.
var kinds = []func(*scene, chance) (name string, do func()){
	cutLink, cutLink, killOperator, interruptOperator, rebootHost, restartDocker, failDocker,
	neverHealthy, appDies, slowApp, secondOperator, secondOperator, secondOperator,
}

// draw adds a fault.
func (s *scene) draw(version string) {
	c := chance{
		host: s.w.hosts[s.random.IntN(len(s.w.hosts))], version: version,
		after: time.Duration(s.random.Int64N(int64(12 * time.Second))),
		lasts: time.Millisecond * time.Duration(100<<s.random.IntN(10)),
	}
	gate := 0
	if s.random.IntN(2) == 0 { // what happens around a gate is of most interest
		gate, c.after = 1+s.random.IntN(4), time.Duration(s.random.Int64N(int64(time.Second)))
	}
	name, do := kinds[s.random.IntN(len(kinds))](s, c)
	s.faults = append(s.faults, fault{name, gate, c.after, do})
}

func cutLink(s *scene, c chance) (string, func()) {
	reset, link := s.random.IntN(2) == 0, s.operator.links[c.host.name]
	return fmt.Sprintf("cut the link of %s, reset %t, for %s", c.host.name, reset, c.lasts), func() {
		link.cut(reset)
		time.AfterFunc(c.lasts, link.restore)
	}
}

func killOperator(s *scene, _ chance) (string, func()) {
	reset := s.random.IntN(2) == 0
	return fmt.Sprintf("kill the operator, reset %t", reset), func() {
		s.killed, s.doubtful = true, s.operator.committing
		s.operator.die(reset)
		s.cancel(errInterrupted)
	}
}

func interruptOperator(s *scene, _ chance) (string, func()) {
	return "interrupt the operator", func() { s.cancel(errInterrupted) }
}

func rebootHost(s *scene, c chance) (string, func()) {
	link := s.operator.links[c.host.name]
	return fmt.Sprintf("reboot %s for %s", c.host.name, c.lasts), func() {
		c.host.reboot(c.lasts)
		link.cut(false)
		time.AfterFunc(c.lasts, link.restore)
	}
}

func restartDocker(_ *scene, c chance) (string, func()) {
	down := c.lasts / 4
	return fmt.Sprintf("restart Docker of %s for %s", c.host.name, down), func() { c.host.restartDocker(down) }
}

// failDocker and the kinds after it prepare the host at once: what fails is drawn by a number or by time.
func failDocker(s *scene, c chance) (string, func()) {
	n := 1 + s.random.IntN(60)
	c.host.faulty[n] = c.lasts
	return fmt.Sprintf("docker command %d of %s fails after %s", n, c.host.name, c.lasts), func() {}
}

func neverHealthy(_ *scene, c chance) (string, func()) {
	c.host.behaves[c.version] = habits{never: true}
	return "the app never becomes healthy on " + c.host.name, func() {}
}

func appDies(_ *scene, c chance) (string, func()) {
	c.host.behaves[c.version] = habits{ready: time.Second, dies: c.after}
	return fmt.Sprintf("the app dies on %s after %s", c.host.name, c.after), func() {}
}

func slowApp(_ *scene, c chance) (string, func()) {
	c.host.behaves[c.version] = habits{ready: c.lasts}
	return fmt.Sprintf("the app is ready on %s after %s", c.host.name, c.lasts), func() {}
}

func secondOperator(s *scene, _ chance) (string, func()) {
	s.raced = true
	s.w.push("v3")
	second := newOperator(s.w, fmt.Sprintf("second-%d", s.random.IntN(1000)), s.random)
	second.noLease, second.noGuard, second.mutate = s.operator.noLease, s.operator.noGuard, s.operator.mutate
	return "a second operator deploys", func() {
		go func() {
			err := second.deploy(s.w.ctx, "v3")
			s.w.trace(second.name, "ends: %v", err)
		}()
	}
}

// begin lets the faults happen.
func (s *scene) begin() {
	opened := 0
	s.operator.atGate = func() {
		opened++
		s.schedule(opened)
	}
	s.schedule(0)
}

// schedule lets the faults happen that a gate makes due.
func (s *scene) schedule(gate int) {
	for _, f := range s.faults {
		if f.gate != gate {
			continue
		}
		time.AfterFunc(f.after, func() {
			s.w.trace("fault", "%s", f.name)
			f.do()
		})
	}
}
