package rollout

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/server"
	"mrsk/internal/shell"
	"mrsk/internal/testhost"
)

// yard is some hosts, each with a trace of what was done on it, in files of the test.
type yard struct {
	t     *testing.T
	names []string
	hosts map[string]*testhost.Server
	dir   string
	w     *Walker

	mu     sync.Mutex
	events []event.Event
	on     func(event.Event) // sees each event while it happens
}

func newYard(t *testing.T, names ...string) *yard {
	t.Helper()
	y := &yard{t: t, names: names, hosts: map[string]*testhost.Server{}, dir: t.TempDir(), on: func(event.Event) {}}
	for _, name := range names {
		y.hosts[name] = testhost.New(t)
	}
	f := fleet.New(fleet.Options{Hosts: names, Dial: y.dial})
	t.Cleanup(func() { _ = f.Close() })
	// Each host has locks of its own, as hosts have.
	const locks = `_locks=$HOME`
	prelude := []string{server.Prelude(&config.Config{Service: "shop"}, "somebody"), locks, lock.Prelude, marks}
	y.w = &Walker{
		Fleet: f, Sink: y.sink, Prelude: prelude,
		Guard: lock.Guard("", 20*time.Second), Settle: lock.Guard("", 20*time.Second),
		Primary: "web", Grace: 20 * time.Second,
	}
	return y
}

// marks defines what the steps of these tests call: they write into the trace of the host.
const marks = `mark() { echo "$*" >>"$HOME/trace"; }`

func (y *yard) dial(ctx context.Context, name string) (remote.Host, error) {
	target, err := remote.ParseTarget(y.hosts[name].Addr())
	if err != nil {
		return nil, err
	}
	target.Name = name
	return remote.Dial(ctx, target, y.hosts[name].Options())
}

func (y *yard) sink(e event.Event) {
	y.mu.Lock()
	y.events = append(y.events, e)
	on := y.on
	y.mu.Unlock()
	on(e)
}

// when calls do once, when a step of that name has come to that state on the host.
func (y *yard) when(host, step string, state event.State, do func()) {
	var once sync.Once
	next := y.on
	y.on = func(e event.Event) {
		if s, ok := e.(event.Step); ok && s.Host == host && s.Name == step && s.State == state {
			once.Do(do)
		}
		next(e)
	}
}

// did is the trace of a host, in one line.
func (y *yard) did(host string) string {
	y.t.Helper()
	text, err := os.ReadFile(filepath.Join(y.hosts[host].Home(), "trace"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		y.t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

func (y *yard) wantDid(want map[string]string) {
	y.t.Helper()
	got := map[string]string{}
	for host := range want {
		got[host] = y.did(host)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		y.t.Errorf("what was done: -want +got:\n%s", diff)
	}
}

// said are the texts of sections, notes and warnings.
func (y *yard) said() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	var lines []string
	for _, e := range y.events {
		switch e := e.(type) {
		case event.Section:
			lines = append(lines, e.Text)
		case event.Note:
			lines = append(lines, strings.TrimPrefix(e.Host+": "+e.Text, ": "))
		case event.Warning:
			lines = append(lines, "warning: "+e.Host+": "+e.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// mark is a step that leaves its name in the trace, and its name with un- before it when it is
// taken back.
func mark(name string) plan.Step {
	return plan.Step{Name: name, Run: shell.Cmd("mark", name), Undo: shell.Cmd("mark", "un-"+name), Role: "web"}
}

// boom is a step that fails in the middle.
func boom(name string) plan.Step {
	s := mark(name)
	s.Run = s.Run.And(shell.Text("{ echo 'no room' >&2; exit 3; }"))
	return s
}

// rollout is a rollout of four stages on the hosts, of which a test changes what it is about.
func rollout(batch int, hosts ...string) plan.Phase {
	p := plan.Phase{Name: "roll out", Rollout: true, Batch: batch}
	for _, name := range hosts {
		p.Hosts = append(p.Hosts, plan.Host{
			Name: name,
			Kept: shell.Text(`grep -q '^keep$' "$HOME/trace"`),
			Stages: []plan.Stage{
				{Name: "start", Steps: []plan.Step{mark("run"), mark("wait")}},
				{Name: "switch", Gate: "gate: healthy", Steps: []plan.Step{mark("switch")}},
				{Name: "keep", Gate: "gate: switched", Commit: true, Steps: []plan.Step{mark("keep")}},
				{Name: "finish", Gate: "gate: kept", Steps: []plan.Step{{Name: "clean", Run: shell.Cmd("mark", "clean")}}},
			},
		})
	}
	return p
}

// set replaces the step of that name on the n-th host.
func set(p plan.Phase, n int, step plan.Step) {
	for _, stage := range p.Hosts[n].Stages {
		for i := range stage.Steps {
			if stage.Steps[i].Name == step.Name {
				stage.Steps[i] = step
			}
		}
	}
}

func of(phases ...plan.Phase) *plan.Plan { return &plan.Plan{Phases: phases} }
