package simulation

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/apply"
	"mrsk/internal/config"
)

var (
	runs = flag.Int("runs", 300, "how many seeds to simulate")
	seed = flag.Uint64("seed", 0, "simulate this seed alone and tell its story")
	from = flag.Uint64("from", 1, "the first seed")
)

const shop = `
service: shop
image: acme/shop
servers:
  web: [vm1, vm2, vm3]
registry: {server: registry.example.com, username: user, password: [PASSWORD]}
proxy: {host: shop.example.com}
retain_containers: 1
deploy_timeout: 10
drain_timeout: 5
`

func load(t *testing.T) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(shop), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

// A deploy with faults brings all hosts to the new version or leaves all at the old one, and says the
// truth about it. The next deploy without faults succeeds and leaves nothing behind.
func TestSimulation(t *testing.T) {
	t.Parallel()
	first, n := *from, uint64(*runs)
	switch {
	case *seed != 0:
		first, n = *seed, 1
	case testing.Short(): // with the race detector: make test runs all without it
		n = 20
	}
	scope, failed := load(t), 0
	for s := first; s < first+n; s++ {
		if !t.Run(fmt.Sprint(s), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { simulate(t, scope, s) }) }) {
			if failed++; failed == 5 {
				t.Fatal("enough: 5 seeds failed; -seed N replays one")
			}
		}
	}
}

// settle is longer than any process of a host lives without its operator.
const settle = 15 * time.Minute

func simulate(t *testing.T, scope *config.Scope, seed uint64) {
	w := deployWithFaults(t.Context(), scope, seed, mutation{})
	w.tell(t, seed)
}

// deployWithFaults deploys a version while something fails, and then deploys without faults.
func deployWithFaults(ctx context.Context, scope *config.Scope, seed uint64, m mutation) *World {
	random := rand.New(rand.NewPCG(seed, 0))
	ctx, end := context.WithCancel(ctx)
	defer end()
	w := newWorld(ctx, scope, "v1", random)
	w.check("v1")
	faulted, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &scene{w: w, operator: newOperator(w, "run", random), random: random, cancel: cancel}
	m.apply(s.operator)
	w.push("v2")
	for range 1 + random.IntN(2) {
		s.draw("v2")
	}
	s.begin()
	err := s.operator.deploy(faulted, "v2")
	w.trace("run", "ends: %v", err)
	time.Sleep(settle)
	w.trace("settled", "\n%s", w)
	s.judge(err)
	for _, h := range w.hosts {
		clear(h.behaves)
		clear(h.faulty)
	}
	last := []string{"v2", "v4"}[random.IntN(2)]
	w.bring(last, "healer", random)
	w.check(last)
	return w
}

// bring deploys a version without faults.
func (w *World) bring(version, name string, random *rand.Rand) {
	w.push(version)
	if err := newOperator(w, name, random).deploy(w.ctx, version); err != nil {
		w.violated("a deploy of %s without faults fails: %v", version, err)
	}
	time.Sleep(settle)
}

// check expects the hosts to have one version, and nothing that a deploy left behind.
func (w *World) check(version string) {
	for _, h := range w.hosts {
		if h.serving() != version {
			w.violated("%s serves %q, not %s", h.name, h.serving(), version)
		}
		h.leftovers(version)
	}
}

// leftovers looks for what a deploy must not leave where a version serves.
func (h *Host) leftovers(version string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	running := 0
	for _, c := range h.containers {
		if c.running {
			running++
		}
		if c.running && c.version != version {
			h.world.violated("%s: %s still runs", h.name, c.name)
		}
		if c.running && c.policy != lasting {
			h.world.violated("%s: %s has the restart policy %s", h.name, c.name, c.policy)
		}
	}
	if running != 1 || len(h.containers) > 3 {
		h.world.violated("%s has %d containers, %d run", h.name, len(h.containers), running)
	}
	if h.processes > 0 || h.record != "" || h.lease.holder != nil || h.work.holder != nil {
		h.world.violated("%s: processes or locks are left", h.name)
	}
}

// judge compares what a run said with what it left.
func (s *scene) judge(err error) {
	if !s.w.idle() {
		s.w.violated("processes are left %s after the run", settle)
	}
	for _, h := range s.w.hosts {
		if len(h.served) > 2 && !s.raced {
			s.w.violated("%s switched more than once: %v", h.name, h.served)
		}
	}
	switch {
	case s.raced:
		s.judgeRace()
	case s.killed:
		s.judgeKill()
	default:
		s.judgeOutcome(err)
	}
}

// judgeOutcome expects the version that the run said on each host, but for hosts that it named.
func (s *scene) judgeOutcome(err error) {
	open := map[string]apply.Commit{}
	collect(err, open)
	want := "v1"
	if committed := new(apply.CommittedError); err == nil || errors.As(err, &committed) {
		want = "v2"
	}
	for _, h := range s.w.hosts {
		commit, named := open[h.name]
		if named && (commit != apply.NotOrdered || h.rebooted) {
			continue
		}
		if got := h.serving(); got != want && (got != "" || want == "v1" || !h.sick()) {
			s.w.violated("%s serves %q, and the run said %s: %v", h.name, got, want, err)
		}
		if err == nil && !h.sick() || err != nil && want == "v1" && !named {
			h.leftovers(want)
		}
	}
}

// judgeKill expects that all hosts go back by themselves from a run that was killed before its commit.
func (s *scene) judgeKill() {
	for _, h := range s.w.hosts {
		if got := h.serving(); !s.doubtful && !h.rebooted && len(s.faults) == 1 && got != "v1" {
			s.w.violated("%s serves %q after the operator was killed before the commit", h.name, got)
		}
	}
}

// judgeRace expects that of two operators one comes after the other.
func (s *scene) judgeRace() {
	for _, h := range s.w.hosts[1:] {
		if first := s.w.hosts[0].serving(); len(s.faults) == 1 && h.serving() != first {
			s.w.violated("%s serves %q, and %s serves %q after two deploys at once", h.name, h.serving(), s.w.hosts[0].name, first)
		}
	}
}

// sick reports whether the app itself fails on the host.
func (h *Host) sick() bool { return h.behaves["v2"] != habits{} }

// collect finds the hosts that an error says were not undone.
func collect(err error, into map[string]apply.Commit) {
	var open *apply.NotUndoneError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, inner := range many.Unwrap() {
			collect(inner, into)
		}
	} else if errors.As(err, &open) {
		into[open.Host] = open.Commit
	}
}

// tell fails the test where a promise was broken, with the story.
func (w *World) tell(t *testing.T, seed uint64) {
	for _, b := range slices.Compact(w.bugs) {
		t.Errorf("the model is not complete: %s", b)
	}
	for _, v := range w.violations {
		t.Error(v)
	}
	if t.Failed() {
		t.Logf("seed %d\n%s\n%s", seed, w.story.String(), w)
	}
}
