package apply

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/event"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

// withConfirm has all batches confirm together before the commit.
func withConfirm(p plan.Phase) plan.Phase {
	for i := range p.Hosts {
		stages := &p.Hosts[i].Stages
		*stages = slices.Insert(*stages, 2, plan.Stage{Name: "confirm", Together: true, Steps: []plan.Step{{Name: "confirm", Run: shell.Cmd("mark", "confirm")}}})
	}
	return p
}

func TestWalk_confirms_all_batches_together_before_the_commit(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	var early string
	f.When("vm2", "switch", event.Done, func() { early = f.Did("vm1") })
	if err := f.w.Walk(t.Context(), of(withConfirm(rollout(1, "vm1")), withConfirm(rollout(2, "vm2")))); err != nil {
		t.Fatal(err)
	}
	if early != "run wait switch" {
		t.Errorf("when the second batch has switched the first one did %s", early)
	}
	const confirmed = "run wait switch confirm keep clean"
	f.WantDid(map[string]string{"vm1": confirmed, "vm2": confirmed})
}

func TestWalk_takes_all_back_when_one_host_does_not_confirm(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	first, second := withConfirm(rollout(1, "vm1")), withConfirm(rollout(2, "vm2"))
	set(first, 0, plan.Step{Name: "confirm", Run: shell.Text("echo 'ended meanwhile' >&2; exit 1")})
	if err := f.w.Walk(t.Context(), of(first, second)); err == nil || err.Error() != "vm1: confirm: ended meanwhile" {
		t.Errorf("err = %v", err)
	}
	for _, host := range f.Names {
		if did := f.Did(host); strings.Contains(did, "keep") || !strings.HasSuffix(did, "un-switch un-wait un-run") {
			t.Errorf("%s did %s", host, did)
		}
	}
}

// What is found at the end takes nothing back and keeps nothing from being done, but it is no
// success.
func TestWalk_fails_by_what_a_host_finds_behind_the_commit(t *testing.T) {
	t.Parallel()
	for name, hangUp := range map[string]bool{"in its session": false, "over a new connection": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "vm1", "vm2")
			p := rollout(0, f.Names...)
			late := plan.Step{Name: "look", Kind: script.AwaitHealthy, Late: true, Run: shell.Text(`echo 'ended' >&2; exit "$status_unwell"`)}
			f.w.SaveLog = func(string, string, []byte) (string, error) { return "", nil }
			stage := &p.Hosts[1].Stages[3]
			other := late
			other.Name = "look again"
			stage.Steps = append([]plan.Step{late, other}, stage.Steps...)
			if hangUp {
				f.When("vm2", "keep", event.Done, f.Hosts["vm2"].Drop)
			}
			err := f.w.Walk(t.Context(), of(p))
			var committed *CommittedError
			var unhealthy *UnhealthyError
			if !errors.As(err, &committed) || !errors.As(err, &unhealthy) || !strings.HasSuffix(err.Error(), "vm2: look: ended\nvm2: look again: ended") {
				t.Errorf("err = %v", err)
			}
			for _, host := range f.Names {
				if did := f.Did(host); !strings.HasSuffix(did, "clean") || strings.Contains(did, "un-") {
					t.Errorf("%s did %s", host, did)
				}
			}
		})
	}
}

// A home directory can be full or read-only. The deploy goes on.
func TestWalk_warns_once_per_host_of_an_audit_log_that_cannot_be_written(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	broken := server.Audit("", "Booted")
	broken.Run = shell.Text("echo 'mkdir: Read-only file system' >&2; exit 2")
	stop := plan.Phase{Name: "stop", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{broken, broken}}}}}}
	broken.Name = "clean"
	set(p, 0, broken)
	if err := f.w.Walk(t.Context(), of(stop, p)); err != nil {
		t.Fatal(err)
	}
	want := "warning: vm1: the audit log could not be written: mkdir: Read-only file system; look at the space there, and at the owner of ~/.mrsk"
	if strings.Count(f.Said(), want) != 1 || strings.Count(f.Said(), "could not be written") != 1 {
		t.Errorf("the screen has\n%s", f.Said())
	}
}

func TestWalk_warns_of_what_steps_report(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	set(p, 0, plan.Step{Name: "clean", Run: shell.Text("report cut 3; report killed")})
	plain := plan.Phase{Name: "stop", Hosts: []plan.Host{{Name: "vm2", Stages: []plan.Stage{{Steps: []plan.Step{{Name: "stop web", Run: shell.Cmd("report", "killed")}}}}}}}
	if err := f.w.Walk(t.Context(), of(plain, p)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"warning: vm1: drain_timeout is over; connections cut: 3", "warning: vm1: clean: docker could not stop it, so it was killed",
		"warning: vm2: stop web: docker could not stop it, so it was killed",
	} {
		if !strings.Contains(f.Said(), want) {
			t.Errorf("not said: %s\n%s", want, f.Said())
		}
	}
}
