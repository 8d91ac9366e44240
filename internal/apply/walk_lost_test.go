package apply

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/shell"
)

func TestWalk_takes_back_when_a_host_cannot_be_reached(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	f.Hosts["vm2"].RefuseLogins(true)
	err := f.w.Walk(t.Context(), of(rollout(0, f.Names...)))
	var failed *remote.ConnectError
	if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), "vm2: ") || strings.Contains(err.Error(), "vm1") {
		t.Errorf("err = %v", err)
	}
	if did := f.Did("vm1"); did != "" && !strings.HasSuffix(did, "un-run") {
		t.Errorf("vm1 did %s", did)
	}
}

func TestWalk_takes_back_when_a_connection_is_lost_before_the_commit(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	f.When("vm2", "switch", event.Began, f.Hosts["vm2"].Drop)
	late := mark("switch")
	late.Run = late.Run.And(shell.Text("sleep 0.2"))
	set(p, 1, late)
	err := f.w.Walk(t.Context(), of(p))
	var lost *remote.LostError
	if !errors.As(err, &lost) || !strings.HasPrefix(err.Error(), "vm2: ") {
		t.Errorf("err = %v", err)
	}
	// vm2 undoes by itself, and is undone once more over a new connection, which does no harm.
	f.WantDid(map[string]string{"vm1": backAll, "vm2": backAll + " un-keep un-switch un-wait un-run"})
	audit, _ := os.ReadFile(filepath.Join(f.Hosts["vm2"].Home(), ".mrsk", "shop-audit.log"))
	if !bytes.Contains(audit, []byte("Undone (undone, lost)")) {
		t.Errorf("the host's audit log says: %s", audit)
	}
}

// cutInCommit cuts the connection of vm2 while it commits; the host learns of it only when the
// step is over, and ends it with the line after.
func (f *testFleet) cutInCommit(p plan.Phase, after shell.Line) {
	slow := mark("keep")
	slow.Run = shell.Text(`until [ -e "$HOME/cut" ]; do sleep 0.05; done`).Then(after)
	set(p, 1, slow)
	vm2 := f.Hosts["vm2"]
	f.When("vm2", "keep", event.Began, func() {
		vm2.Drop()
		f.Write("vm2", "cut", "")
	})
}

func TestWalk_goes_on_when_a_host_was_lost_in_the_commit_and_has_kept(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	f.cutInCommit(p, shell.Cmd("mark", "keep"))
	if err := f.w.Walk(t.Context(), of(p)); err != nil {
		t.Errorf("err = %v", err)
	}
	f.WantDid(map[string]string{"vm1": whole, "vm2": whole})
	if want := "vm2: the connection was lost in the commit; asking again"; !strings.Contains(f.Said(), want) {
		t.Errorf("said\n%s", f.Said())
	}
	if n := f.Hosts["vm2"].Counts().Connections; n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestWalk_takes_back_when_a_host_was_lost_in_the_commit_and_has_not_kept(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	f.cutInCommit(p, shell.Text("exit 1"))
	err := f.w.Walk(t.Context(), of(p))
	var lost *remote.LostError
	if !errors.As(err, &lost) || !strings.HasPrefix(err.Error(), "vm2: ") {
		t.Errorf("err = %v", err)
	}
	const undo = "un-keep un-switch un-wait un-run"
	f.WantDid(map[string]string{"vm1": "run wait switch keep " + undo, "vm2": "run wait switch " + undo + " " + undo})
}

func TestWalk_undoes_a_host_that_kept_and_was_lost_when_another_did_not_keep(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	f.cutInCommit(p, shell.Cmd("mark", "keep"))
	set(p, 0, boom("keep"))
	if err := f.w.Walk(t.Context(), of(p)); err == nil || err.Error() != "vm1: keep: no room" {
		t.Errorf("err = %v", err)
	}
	const back = "run wait switch keep un-keep un-switch un-wait un-run"
	f.WantDid(map[string]string{"vm1": back, "vm2": back})
}

func TestWalk_says_what_could_not_be_undone_on_a_host_that_was_lost(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	broken := mark("switch")
	broken.Undo = broken.Undo.And(shell.Text("{ echo 'disk full' >&2; exit 1; }"))
	set(p, 1, broken)
	f.cutInCommit(p, shell.Cmd("mark", "keep"))
	set(p, 0, boom("keep"))
	err := f.w.Walk(t.Context(), of(p))
	if want := "vm1: keep: no room\nvm2: part of the undo failed: undo: switch: disk full"; err == nil || err.Error() != want {
		t.Errorf("err = %v", err)
	}
	const back = "run wait switch keep un-keep un-switch un-wait un-run"
	f.WantDid(map[string]string{"vm1": back, "vm2": back})
}

func TestWalk_says_what_is_known_of_a_host_that_stays_lost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		step string
		want Commit
		says string
	}{
		"before the commit": {"switch", NotOrdered, "vm2: lost before it said that it has gone back: it goes back by itself, unless it was restarted"},
		"in the commit":     {"keep", Ordered, "vm2: lost in the commit: it keeps the new version if the order has reached it, and goes back by itself if not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "vm1", "vm2")
			f.w.Grace = 3 * time.Second
			p := rollout(0, f.Names...)
			vm2 := f.Hosts["vm2"]
			f.When("vm2", tt.step, event.Began, func() {
				vm2.RefuseLogins(true)
				vm2.Drop()
			})
			slow := mark(tt.step)
			slow.Run = shell.Text("sleep 0.3").Then(slow.Run)
			set(p, 1, slow)
			err := f.w.Walk(t.Context(), of(p))
			var not *NotUndoneError
			if !errors.As(err, &not) || not.Commit != tt.want || not.Error() != tt.says {
				t.Fatalf("err = %v", err)
			}
			if want := "run mrsk app details --hosts vm2 to see what it runs; run the same command again once it can be reached, so that all hosts have one version"; not.Hint() != want {
				t.Errorf("hint %q", not.Hint())
			}
			if did := f.Did("vm1"); !strings.HasSuffix(did, "un-switch un-wait un-run") {
				t.Errorf("vm1 did %s", did)
			}
		})
	}
}

// A host that has answered that it keeps the new version does not go back by itself any more.
func TestWalk_says_that_a_host_keeps_the_new_version_where_it_cannot_be_told_to_go_back(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	f.w.Grace = 3 * time.Second
	p := rollout(0, f.Names...)
	late := boom("keep")
	late.Run = shell.Text(`until [ -e "$HOME/go" ]; do sleep 0.05; done`).Then(late.Run)
	set(p, 0, late)
	f.When("vm2", "keep", event.Done, func() {
		time.AfterFunc(500*time.Millisecond, func() {
			f.Hosts["vm2"].RefuseLogins(true)
			f.Hosts["vm2"].Drop()
			_ = os.WriteFile(filepath.Join(f.Hosts["vm1"].Home(), "go"), nil, 0o600)
		})
	})
	err := f.w.Walk(t.Context(), of(p))
	var not *NotUndoneError
	if !errors.As(err, &not) || not.Commit != Confirmed || not.Error() != "vm2: keeps the new version: the connection was lost before it could be told to go back" {
		t.Fatalf("err = %v", err)
	}
}

// Nobody knows then whether an old container still runs there.
func TestWalk_fails_when_a_host_is_lost_in_the_clean_up(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	slow := plan.Step{Name: "clean", Run: shell.Text("sleep 0.3").Then(shell.Cmd("mark", "clean"))}
	set(p, 1, slow)
	f.When("vm2", "clean", event.Began, func() {
		f.Hosts["vm2"].RefuseLogins(true)
		f.Hosts["vm2"].Drop()
	})
	err := f.w.Walk(t.Context(), of(p))
	var committed *CommittedError
	if !errors.As(err, &committed) || !strings.Contains(err.Error(), "vm2: clean up after the switch: ") {
		t.Errorf("err = %v", err)
	}
	if did := f.Did("vm1"); did != whole {
		t.Errorf("vm1 did %s", did)
	}
}
