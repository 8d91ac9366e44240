package rollout

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/event"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/shell"
)

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
