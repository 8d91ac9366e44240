package apply

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

	"mrsk/internal/event"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

const (
	whole     = "run wait switch keep clean"
	backAtRun = "run un-run"
	backAll   = "run wait switch un-switch un-wait un-run"
)

func TestWalk_goes_from_stage_to_stage_on_all_hosts_together(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2", "vm3")
	// Every host writes down how far the others are when it begins a stage: none is behind.
	common := filepath.Join(t.TempDir(), "all")
	p := rollout(0, f.Names...)
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
	if err := f.w.Walk(t.Context(), of(p)); err != nil {
		t.Fatal(err)
	}
	f.WantDid(map[string]string{"vm1": whole, "vm2": whole, "vm3": whole})
	text, err := os.ReadFile(common)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("wait ", 3) + strings.Repeat("switch ", 3) + strings.Repeat("keep ", 3) + strings.Repeat("clean ", 3)
	if got := strings.Join(strings.Fields(string(text)), " ") + " "; got != want {
		t.Errorf("in the order %s", got)
	}
	if got := f.Said(); got != "gate: healthy\ngate: switched\ngate: kept" {
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
			f := newFleet(t, "vm1", "vm2")
			p := rollout(0, f.Names...)
			set(p, 1, boom(tt.step))
			err := f.w.Walk(t.Context(), of(p))
			if err == nil || err.Error() != "vm2: "+tt.step+": no room" {
				t.Errorf("err = %v", err)
			}
			f.WantDid(tt.want)
			if did := f.Did("vm1"); !strings.HasSuffix(did, "un-run") || strings.Contains(did, "clean") {
				t.Errorf("vm1 did %s", did)
			}
		})
	}
}

func TestWalk_tells_the_same_failure_on_two_hosts_in_one_line(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2", "vm3")
	p := rollout(0, f.Names...)
	set(p, 0, boom("switch"))
	set(p, 2, boom("switch"))
	err := f.w.Walk(t.Context(), of(p))
	if err == nil || err.Error() != "vm1, vm3: switch: no room" {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": backAll, "vm3": backAll})
}

func TestWalk_says_what_could_not_be_undone(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	set(p, 0, boom("switch"))
	broken := mark("wait")
	broken.Undo = broken.Undo.And(shell.Text("{ echo 'disk full'; exit 1; }"))
	set(p, 1, broken)
	err := f.w.Walk(t.Context(), of(p))
	var not *NotUndoneError
	if !errors.As(err, &not) || not.Host != "vm2" || not.Outcome != script.Broken {
		t.Fatalf("err = %v", err)
	}
	if want := "vm1: switch: no room\nvm2: part of the undo failed: wait: disk full"; err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	// What comes after the part that failed is undone all the same.
	if did := f.Did("vm2"); !strings.HasSuffix(did, "un-wait un-run") {
		t.Errorf("vm2 did %s", did)
	}
}

func TestWalk_says_that_other_roles_are_held_back_by_the_primary_one(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1")
	p := rollout(0, "vm1")
	set(p, 0, boom("wait"))
	other := mark("run the workers")
	other.Role = "workers"
	p.Hosts[0].Stages[1].Steps = append(p.Hosts[0].Stages[1].Steps, other)
	if err := f.w.Walk(t.Context(), of(p)); err == nil {
		t.Fatal("no error")
	}
	if want := "vm1: role web failed: the barrier stays closed, workers not booted\nUndo: every host goes back to what it ran"; f.Said() != want {
		t.Errorf("said\n%s", f.Said())
	}
}

func TestWalk_calls_hooks_around_each_batch(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2", "vm3")
	var calls []string
	f.w.Before = func(_ context.Context, hosts []string) error {
		calls = append(calls, "before "+strings.Join(hosts, ","))
		return nil
	}
	f.w.After = func(_ context.Context, hosts []string) error {
		calls = append(calls, "after "+strings.Join(hosts, ",")+": "+f.Did(hosts[0]))
		return nil
	}
	if err := f.w.Walk(t.Context(), of(rollout(1, "vm1", "vm2"), rollout(2, "vm3"))); err != nil {
		t.Fatal(err)
	}
	want := []string{"before vm1,vm2", "after vm1,vm2: run wait switch", "before vm3", "after vm3: run wait switch"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.WantDid(map[string]string{"vm1": whole, "vm2": whole, "vm3": whole})
}

func TestWalk_pauses_between_batches(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	f.w.Wait = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	f.w.After = func(context.Context, []string) error { cancel(); return nil }
	if err := f.w.Walk(ctx, of(rollout(1, "vm1"), rollout(2, "vm2"))); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if did := f.Did("vm2"); did != "" {
		t.Errorf("vm2 did %s", did)
	}
}

func TestWalk_does_not_pause_after_the_last_batch(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1")
	f.w.Wait = time.Hour // longer than the test may take
	if err := f.w.Walk(t.Context(), of(rollout(1, "vm1"))); err != nil {
		t.Error(err)
	}
	f.WantDid(map[string]string{"vm1": whole})
}

func TestWalk_does_nothing_when_the_hook_before_it_fails(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1")
	refused := errors.New("hook pre-app-boot refused")
	f.w.Before = func(context.Context, []string) error { return refused }
	if err := f.w.Walk(t.Context(), of(rollout(0, "vm1"))); !errors.Is(err, refused) {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": ""})
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
			f := newFleet(t, "vm1", "vm2")
			tt.change(f.w)
			if err := f.w.Walk(t.Context(), of(rollout(1, "vm1"), rollout(2, "vm2"))); !errors.Is(err, refused) {
				t.Errorf("err = %v", err)
			}
			f.WantDid(tt.want)
		})
	}
}

func TestWalk_takes_earlier_batches_back_when_a_later_one_fails(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2", "vm3")
	second := rollout(2, "vm2")
	set(second, 0, boom("wait"))
	err := f.w.Walk(t.Context(), of(rollout(1, "vm1"), second, rollout(3, "vm3")))
	if err == nil || err.Error() != "vm2: wait: no room" {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": backAll, "vm2": "run wait un-wait un-run", "vm3": ""})
}

func TestWalk_takes_back_when_it_is_interrupted(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	long := mark("wait")
	long.Kind = script.AwaitHealthy
	long.Run = long.Run.And(shell.Text(`while pause 1; do :; done; exit "$status_gave_up"`))
	set(p, 1, long)
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	var ready sync.WaitGroup
	ready.Add(2)
	f.When("vm1", "wait", event.Done, ready.Done)
	f.When("vm2", "wait", event.Began, ready.Done)
	go func() {
		ready.Wait()
		cancel(interrupted)
	}()
	if err := f.w.Walk(ctx, of(p)); !errors.Is(err, interrupted) || err.Error() != "interrupted" {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": "run wait un-wait un-run", "vm2": "run wait un-wait un-run"})
}

func TestWalk_is_not_interrupted_any_more_once_hosts_commit(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	ctx, cancel := context.WithCancel(t.Context())
	f.When("vm1", "keep", event.Began, cancel)
	if err := f.w.Walk(ctx, of(rollout(0, f.Names...))); err != nil {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": whole, "vm2": whole})
}

func TestWalk_fails_when_the_clean_up_fails_and_undoes_nothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	set(p, 0, boom("clean"))
	err := f.w.Walk(t.Context(), of(p))
	var committed *CommittedError
	if !errors.As(err, &committed) || !strings.HasSuffix(err.Error(), "vm1: clean up after the switch: clean: no room") {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": whole, "vm2": whole})
}

func TestWalk_runs_plain_phases_on_every_host_and_joins_what_failed(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2", "vm3", "vm4")
	phase := plan.Phase{Name: "stop"}
	for _, name := range f.Names[:3] {
		phase.Hosts = append(phase.Hosts, plan.Host{Name: name, Stages: []plan.Stage{{Name: "stop", Steps: []plan.Step{mark("a"), mark("b"), mark("c")}}}})
	}
	phase.Hosts = append(phase.Hosts, plan.Host{Name: "vm4", Stages: []plan.Stage{{Name: "stop"}}})
	set(phase, 0, boom("b"))
	set(phase, 2, boom("c"))
	next := plan.Phase{Name: "after", Hosts: []plan.Host{{Name: "vm2", Stages: []plan.Stage{{Steps: []plan.Step{mark("never")}}}}}}
	err := f.w.Walk(t.Context(), of(phase, next))
	if want := "vm1: b: no room\nvm3: c: no room"; err == nil || err.Error() != want {
		t.Errorf("err = %v", err)
	}
	// A plain phase takes nothing back, and a host without steps is not even connected to.
	f.WantDid(map[string]string{"vm1": "a b", "vm2": "a b c", "vm3": "a b c", "vm4": ""})
	if n := f.Hosts["vm4"].Counts().Connections; n != 0 {
		t.Errorf("%d connections to a host without work", n)
	}
}

func TestWalk_stops_before_the_rollout_when_a_plain_phase_fails(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	release := plan.Phase{Name: "release", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{boom("migrate")}}}}}}
	if err := f.w.Walk(t.Context(), of(release, rollout(0, f.Names...))); err == nil {
		t.Error("no error")
	}
	f.WantDid(map[string]string{"vm1": "migrate", "vm2": ""})
}

func TestWalk_saves_the_log_of_a_container_that_did_not_come_up(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"saved": "/logs/vm1.log", "not saved": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "vm1")
			var saved string
			f.w.SaveLog = func(host, step string, log []byte) (string, error) {
				saved = host + ", " + step + ": " + string(log)
				if path == "" {
					return "", errors.New("disk full")
				}
				return path, nil
			}
			p := rollout(0, "vm1")
			wait := mark("wait")
			wait.Kind = script.AwaitHealthy
			wait.Run = shell.Text(`echo 'the whole log'; echo 'did not become healthy' >&2; exit "$status_unwell"`)
			set(p, 0, wait)
			err := f.w.Walk(t.Context(), of(p))
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
			if warned := strings.Contains(f.Said(), "save the container's log: disk full"); warned != (path == "") {
				t.Errorf("said\n%s", f.Said())
			}
		})
	}
}

func TestUnhealthyError_advises_on_a_known_cause_rather_than_to_read_the_log(t *testing.T) {
	t.Parallel()
	err := &script.StepError{Step: script.Step{Kind: script.AwaitHealthy}, Status: int(script.Unwell), Stderr: []byte("the last lines of its log:\n  | exec /bin/x: exec format error\n")}
	if hint := (&UnhealthyError{Err: err, Log: "/logs/vm1.log"}).Hint(); !strings.HasPrefix(hint, "set builder.arch") {
		t.Errorf("hint %q", hint)
	}
}

func TestWalk_takes_only_a_container_that_is_not_well_for_one(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		step plan.Step
		want bool
	}{
		"a captured step with output": {plan.Step{Captured: true, Run: shell.Text("echo output; exit 1")}, false},
		"the status of another step":  {plan.Step{Captured: true, Run: shell.Text(`echo output; exit "$status_unwell"`)}, false},
		"a wait that itself fails":    {plan.Step{Kind: script.AwaitHealthy, Run: shell.Text("echo output; exit 1")}, false},
		"a container without a log":   {plan.Step{Kind: script.AwaitHealthy, Run: shell.Text(`exit "$status_unwell"`)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "vm1")
			f.w.SaveLog = func(string, string, []byte) (string, error) {
				t.Error("a log was saved")
				return "", nil
			}
			p := rollout(0, "vm1")
			tt.step.Name = "wait"
			set(p, 0, tt.step)
			err := f.w.Walk(t.Context(), of(p))
			var unhealthy *UnhealthyError
			if err == nil || errors.As(err, &unhealthy) != tt.want {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestWalk_tells_how_long_each_host_waited_at_each_gate(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	if err := f.w.Walk(t.Context(), of(rollout(0, f.Names...))); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range f.Events() {
		w, ok := e.(event.Waited)
		if ok && w.For == event.AtGate {
			got = append(got, w.Host+" "+w.Gate)
		}
		if ok && (w.Took < 0 || w.Since.IsZero()) {
			t.Errorf("%+v", w)
		}
	}
	want := []string{
		"vm1 gate: healthy", "vm2 gate: healthy", "vm1 gate: switched", "vm2 gate: switched", "vm1 gate: kept", "vm2 gate: kept",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
