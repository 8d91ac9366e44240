package rollout

import (
	"bytes"
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
	"mrsk/internal/script"
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

const (
	whole     = "run wait switch keep clean"
	backAtRun = "run un-run"
	backAll   = "run wait switch un-switch un-wait un-run"
)

func TestWalk_goes_from_stage_to_stage_on_all_hosts_together(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2", "vm3")
	// Every host writes down how far the others are when it begins a stage: none is behind.
	common := filepath.Join(y.dir, "all")
	p := rollout(0, y.names...)
	for n := range p.Hosts {
		for _, name := range []string{"wait", "switch", "keep", "clean"} {
			step := mark(name)
			step.Run = step.Run.And(shell.Text("echo " + name + " >>" + common))
			if n == 1 && name == "wait" {
				step.Run = shell.Text("sleep 0.2").And(step.Run) // one that is late
			}
			set(p, n, step)
		}
	}
	if err := y.w.Walk(t.Context(), of(p)); err != nil {
		t.Fatal(err)
	}
	y.wantDid(map[string]string{"vm1": whole, "vm2": whole, "vm3": whole})
	text, err := os.ReadFile(common)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("wait ", 3) + strings.Repeat("switch ", 3) + strings.Repeat("keep ", 3) + strings.Repeat("clean ", 3)
	if got := strings.Join(strings.Fields(string(text)), " ") + " "; got != want {
		t.Errorf("in the order %s", got)
	}
	if got := y.said(); got != "gate: healthy\ngate: switched\ngate: kept" {
		t.Errorf("said:\n%s", got)
	}
}

func TestWalk_takes_all_hosts_back_when_one_fails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		step string
		want map[string]string // vm2 is the one that fails
	}{
		"in its first step":  {"run", map[string]string{"vm2": "run un-run"}},
		"while it waits":     {"wait", map[string]string{"vm2": "run wait un-wait un-run"}},
		"at the switch":      {"switch", map[string]string{"vm2": backAll}},
		"even in the commit": {"keep", map[string]string{"vm2": "run wait switch keep un-keep un-switch un-wait un-run"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, "vm1", "vm2")
			p := rollout(0, y.names...)
			set(p, 1, boom(tt.step))
			err := y.w.Walk(t.Context(), of(p))
			if err == nil || err.Error() != "vm2: "+tt.step+": no room" {
				t.Errorf("err = %v", err)
			}
			y.wantDid(tt.want)
			if did := y.did("vm1"); !strings.HasSuffix(did, "un-run") || strings.Contains(did, "clean") {
				t.Errorf("vm1 did %s", did)
			}
		})
	}
}

func TestWalk_tells_the_same_failure_on_two_hosts_in_one_line(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2", "vm3")
	p := rollout(0, y.names...)
	set(p, 0, boom("switch"))
	set(p, 2, boom("switch"))
	err := y.w.Walk(t.Context(), of(p))
	if err == nil || err.Error() != "vm1, vm3: switch: no room" {
		t.Errorf("err = %v", err)
	}
	y.wantDid(map[string]string{"vm1": backAll, "vm3": backAll})
}

func TestWalk_says_what_could_not_be_undone(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	set(p, 0, boom("switch"))
	broken := mark("wait")
	broken.Undo = broken.Undo.And(shell.Text("{ echo 'disk full'; exit 1; }"))
	set(p, 1, broken)
	err := y.w.Walk(t.Context(), of(p))
	var not *NotUndoneError
	if !errors.As(err, &not) || not.Host != "vm2" || not.Outcome != script.Broken {
		t.Fatalf("err = %v", err)
	}
	if want := "vm1: switch: no room\nvm2: part of the undo failed: wait: disk full"; err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	// What comes after the part that failed is undone all the same.
	if did := y.did("vm2"); !strings.HasSuffix(did, "un-wait un-run") {
		t.Errorf("vm2 did %s", did)
	}
}

func TestWalk_says_that_other_roles_are_held_back_by_the_primary_one(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1")
	p := rollout(0, "vm1")
	set(p, 0, boom("wait"))
	other := mark("run the workers")
	other.Role = "workers"
	p.Hosts[0].Stages[1].Steps = append(p.Hosts[0].Stages[1].Steps, other)
	if err := y.w.Walk(t.Context(), of(p)); err == nil {
		t.Fatal("no error")
	}
	if want := "vm1: role web failed: the barrier stays closed, workers not booted\nUndo: every host goes back to what it ran"; y.said() != want {
		t.Errorf("said\n%s", y.said())
	}
}

func TestWalk_calls_hooks_around_each_batch(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2", "vm3")
	var calls []string
	y.w.Before = func(_ context.Context, hosts []string) error {
		calls = append(calls, "before "+strings.Join(hosts, ","))
		return nil
	}
	y.w.After = func(_ context.Context, hosts []string) error {
		calls = append(calls, "after "+strings.Join(hosts, ",")+": "+y.did(hosts[0]))
		return nil
	}
	if err := y.w.Walk(t.Context(), of(rollout(1, "vm1", "vm2"), rollout(2, "vm3"))); err != nil {
		t.Fatal(err)
	}
	want := []string{"before vm1,vm2", "after vm1,vm2: run wait switch", "before vm3", "after vm3: run wait switch"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	y.wantDid(map[string]string{"vm1": whole, "vm2": whole, "vm3": whole})
}

func TestWalk_pauses_between_batches_and_not_after_the_last(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) {
		return []byte("service: shop\nservers: [vm1, vm2]\nboot: {limit: 1, wait: 2}\n"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	y := newYard(t, "vm1", "vm2")
	y.w.Wait = (&Run{Config: c}).walker().Wait
	var begun, ended []time.Time
	y.w.Before = func(context.Context, []string) error { begun = append(begun, time.Now()); return nil }
	y.w.After = func(context.Context, []string) error { ended = append(ended, time.Now()); return nil }
	if err := y.w.Walk(t.Context(), of(rollout(1, "vm1"), rollout(2, "vm2"))); err != nil {
		t.Fatal(err)
	}
	if between, last := begun[1].Sub(ended[0]), time.Since(ended[1]); between < y.w.Wait || last >= y.w.Wait {
		t.Errorf("%s between the batches, %s behind the last", between, last)
	}
}

func TestWalk_does_nothing_when_the_hook_before_it_fails(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1")
	refused := errors.New("hook pre-app-boot refused")
	y.w.Before = func(context.Context, []string) error { return refused }
	if err := y.w.Walk(t.Context(), of(rollout(0, "vm1"))); !errors.Is(err, refused) {
		t.Errorf("err = %v", err)
	}
	y.wantDid(map[string]string{"vm1": ""})
}

func TestWalk_takes_back_when_a_hook_fails(t *testing.T) {
	t.Parallel()
	refused := errors.New("hook refused")
	refuse := func(host string) func(context.Context, []string) error {
		return func(_ context.Context, hosts []string) error {
			if hosts[0] == host {
				return refused
			}
			return nil
		}
	}
	tests := map[string]struct {
		change func(*Walker)
		want   map[string]string
	}{
		"after the first batch":   {func(w *Walker) { w.After = refuse("vm1") }, map[string]string{"vm1": backAll, "vm2": ""}},
		"before the second batch": {func(w *Walker) { w.Before = refuse("vm2") }, map[string]string{"vm1": backAll, "vm2": ""}},
		"after the second batch":  {func(w *Walker) { w.After = refuse("vm2") }, map[string]string{"vm1": backAll, "vm2": backAll}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, "vm1", "vm2")
			tt.change(y.w)
			if err := y.w.Walk(t.Context(), of(rollout(1, "vm1"), rollout(2, "vm2"))); !errors.Is(err, refused) {
				t.Errorf("err = %v", err)
			}
			y.wantDid(tt.want)
		})
	}
}

func TestWalk_takes_earlier_batches_back_when_a_later_one_fails(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2", "vm3")
	second := rollout(2, "vm2")
	set(second, 0, boom("wait"))
	err := y.w.Walk(t.Context(), of(rollout(1, "vm1"), second, rollout(3, "vm3")))
	if err == nil || err.Error() != "vm2: wait: no room" {
		t.Errorf("err = %v", err)
	}
	y.wantDid(map[string]string{"vm1": backAll, "vm2": "run wait un-wait un-run", "vm3": ""})
}

func TestWalk_takes_back_when_it_is_interrupted(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	long := mark("wait")
	long.Run = long.Run.And(shell.Text("while pause 1; do :; done; exit 130"))
	set(p, 1, long)
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	var ready sync.WaitGroup
	ready.Add(2)
	y.when("vm1", "wait", event.Done, ready.Done)
	y.when("vm2", "wait", event.Began, ready.Done)
	go func() {
		ready.Wait()
		cancel(interrupted)
	}()
	if err := y.w.Walk(ctx, of(p)); !errors.Is(err, interrupted) || err.Error() != "interrupted" {
		t.Errorf("err = %v", err)
	}
	y.wantDid(map[string]string{"vm1": "run wait un-wait un-run", "vm2": "run wait un-wait un-run"})
}

func TestWalk_is_not_interrupted_any_more_once_hosts_commit(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	ctx, cancel := context.WithCancel(t.Context())
	y.when("vm1", "keep", event.Began, cancel)
	if err := y.w.Walk(ctx, of(rollout(0, y.names...))); err != nil {
		t.Errorf("err = %v", err)
	}
	y.wantDid(map[string]string{"vm1": whole, "vm2": whole})
}

func TestWalk_takes_back_when_a_host_cannot_be_reached(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	y.hosts["vm2"].RefuseLogins(true)
	err := y.w.Walk(t.Context(), of(rollout(0, y.names...)))
	var failed *remote.ConnectError
	if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), "vm2: ") || strings.Contains(err.Error(), "vm1") {
		t.Errorf("err = %v", err)
	}
	if did := y.did("vm1"); did != "" && !strings.HasSuffix(did, "un-run") {
		t.Errorf("vm1 did %s", did)
	}
}

func TestWalk_takes_back_when_a_connection_is_lost_before_the_commit(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	y.when("vm2", "switch", event.Began, y.hosts["vm2"].Drop)
	late := mark("switch")
	late.Run = late.Run.And(shell.Text("sleep 0.2"))
	set(p, 1, late)
	err := y.w.Walk(t.Context(), of(p))
	var lost *remote.LostError
	if !errors.As(err, &lost) || !strings.HasPrefix(err.Error(), "vm2: ") {
		t.Errorf("err = %v", err)
	}
	// vm2 undoes by itself, and is undone once more over a new connection, which does no harm.
	y.wantDid(map[string]string{"vm1": backAll, "vm2": backAll + " un-keep un-switch un-wait un-run"})
	audit, _ := os.ReadFile(filepath.Join(y.hosts["vm2"].Home(), ".mrsk", "shop-audit.log"))
	if !bytes.Contains(audit, []byte("Undone (undone, lost)")) {
		t.Errorf("the host's audit log says: %s", audit)
	}
}

// cutInCommit cuts the connection of vm2 while it commits; the host learns of it only when the
// step is over, and ends it with the line after.
func (y *yard) cutInCommit(p plan.Phase, after shell.Line) {
	slow := mark("keep")
	slow.Run = shell.Text(`until [ -e "$HOME/cut" ]; do sleep 0.05; done`).Then(after)
	set(p, 1, slow)
	vm2 := y.hosts["vm2"]
	y.when("vm2", "keep", event.Began, func() {
		vm2.Drop()
		if err := os.WriteFile(filepath.Join(vm2.Home(), "cut"), nil, 0o600); err != nil {
			y.t.Error(err)
		}
	})
}

func TestWalk_goes_on_when_a_host_was_lost_in_the_commit_and_has_kept(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	y.cutInCommit(p, shell.Cmd("mark", "keep"))
	if err := y.w.Walk(t.Context(), of(p)); err != nil {
		t.Errorf("err = %v", err)
	}
	y.wantDid(map[string]string{"vm1": whole, "vm2": whole})
	if want := "vm2: the connection was lost in the commit; asking again"; !strings.Contains(y.said(), want) {
		t.Errorf("said\n%s", y.said())
	}
	if n := y.hosts["vm2"].Counts().Connections; n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestWalk_takes_back_when_a_host_was_lost_in_the_commit_and_has_not_kept(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	y.cutInCommit(p, shell.Text("exit 1"))
	err := y.w.Walk(t.Context(), of(p))
	var lost *remote.LostError
	if !errors.As(err, &lost) || !strings.HasPrefix(err.Error(), "vm2: ") {
		t.Errorf("err = %v", err)
	}
	const undo = "un-keep un-switch un-wait un-run"
	y.wantDid(map[string]string{"vm1": "run wait switch keep " + undo, "vm2": "run wait switch " + undo + " " + undo})
}

func TestWalk_undoes_a_host_that_kept_and_was_lost_when_another_did_not_keep(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	y.cutInCommit(p, shell.Cmd("mark", "keep"))
	set(p, 0, boom("keep"))
	if err := y.w.Walk(t.Context(), of(p)); err == nil || err.Error() != "vm1: keep: no room" {
		t.Errorf("err = %v", err)
	}
	const back = "run wait switch keep un-keep un-switch un-wait un-run"
	y.wantDid(map[string]string{"vm1": back, "vm2": back})
}

func TestWalk_says_what_could_not_be_undone_on_a_host_that_was_lost(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	broken := mark("switch")
	broken.Undo = broken.Undo.And(shell.Text("{ echo 'disk full' >&2; exit 1; }"))
	set(p, 1, broken)
	y.cutInCommit(p, shell.Cmd("mark", "keep"))
	set(p, 0, boom("keep"))
	err := y.w.Walk(t.Context(), of(p))
	if want := "vm1: keep: no room\nvm2: part of the undo failed: undo: switch: disk full"; err == nil || err.Error() != want {
		t.Errorf("err = %v", err)
	}
	const back = "run wait switch keep un-keep un-switch un-wait un-run"
	y.wantDid(map[string]string{"vm1": back, "vm2": back})
}

func TestWalk_only_warns_when_the_clean_up_fails(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	p := rollout(0, y.names...)
	set(p, 0, boom("clean"))
	if err := y.w.Walk(t.Context(), of(p)); err != nil {
		t.Fatal(err)
	}
	if want := "warning: vm1: clean up after the switch: clean: no room"; !strings.Contains(y.said(), want) {
		t.Errorf("said\n%s", y.said())
	}
	y.wantDid(map[string]string{"vm1": whole, "vm2": whole})
}

func TestWalk_runs_plain_phases_on_every_host_and_joins_what_failed(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2", "vm3", "vm4")
	phase := plan.Phase{Name: "stop"}
	for _, name := range y.names[:3] {
		phase.Hosts = append(phase.Hosts, plan.Host{Name: name, Stages: []plan.Stage{{Name: "stop", Steps: []plan.Step{mark("a"), mark("b"), mark("c")}}}})
	}
	phase.Hosts = append(phase.Hosts, plan.Host{Name: "vm4", Stages: []plan.Stage{{Name: "stop"}}})
	set(phase, 0, boom("b"))
	set(phase, 2, boom("c"))
	next := plan.Phase{Name: "after", Hosts: []plan.Host{{Name: "vm2", Stages: []plan.Stage{{Steps: []plan.Step{mark("never")}}}}}}
	err := y.w.Walk(t.Context(), of(phase, next))
	if want := "vm1: b: no room\nvm3: c: no room"; err == nil || err.Error() != want {
		t.Errorf("err = %v", err)
	}
	// A plain phase takes nothing back, and a host without steps is not even connected to.
	y.wantDid(map[string]string{"vm1": "a b", "vm2": "a b c", "vm3": "a b c", "vm4": ""})
	if n := y.hosts["vm4"].Counts().Connections; n != 0 {
		t.Errorf("%d connections to a host without work", n)
	}
}

func TestWalk_stops_before_the_rollout_when_a_plain_phase_fails(t *testing.T) {
	t.Parallel()
	y := newYard(t, "vm1", "vm2")
	release := plan.Phase{Name: "release", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{boom("migrate")}}}}}}
	if err := y.w.Walk(t.Context(), of(release, rollout(0, y.names...))); err == nil {
		t.Error("no error")
	}
	y.wantDid(map[string]string{"vm1": "migrate", "vm2": ""})
}

func TestWalk_saves_the_log_of_a_container_that_did_not_come_up(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"saved": "/logs/vm1.log", "not saved": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, "vm1")
			var saved string
			y.w.SaveLog = func(host, step string, log []byte) (string, error) {
				saved = host + ", " + step + ": " + string(log)
				if path == "" {
					return "", errors.New("disk full")
				}
				return path, nil
			}
			p := rollout(0, "vm1")
			wait := mark("wait")
			wait.Private = true
			wait.Run = shell.Text("echo 'the whole log'; echo 'did not become healthy' >&2; exit 1")
			set(p, 0, wait)
			err := y.w.Walk(t.Context(), of(p))
			var unhealthy *UnhealthyError
			if !errors.As(err, &unhealthy) || err.Error() != "vm1: wait: did not become healthy" {
				t.Fatalf("err = %v", err)
			}
			if saved != "vm1, wait: the whole log\n" {
				t.Errorf("saved %q", saved)
			}
			hint := "its whole log is in /logs/vm1.log"
			if path == "" {
				hint = ""
			}
			if unhealthy.Hint() != hint {
				t.Errorf("hint %q", unhealthy.Hint())
			}
			if warned := strings.Contains(y.said(), "save the container's log: disk full"); warned != (path == "") {
				t.Errorf("said\n%s", y.said())
			}
		})
	}
}
