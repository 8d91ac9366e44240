package apply

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/event"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// progress is what a fleet told of stages, one a line, each with the hosts that came to its end or failed.
func progress(f *testFleet) string {
	var lines []string
	add := func(host, text string) {
		lines[len(lines)-1] += "; " + host + " " + text
	}
	for _, e := range f.Events() {
		switch e := e.(type) {
		case event.Stage:
			lines = append(lines, fmt.Sprintf("%s on %s, together %t, undo %t", e.Name, strings.Join(e.Hosts, " "), e.Together, e.Undo))
		case event.Reached:
			add(e.Host, e.Done)
		case event.HostFailed:
			add(e.Host, "failed")
		}
	}
	for i, l := range lines {
		parts := strings.Split(l, "; ")
		slices.Sort(parts[1:])
		lines[i] = strings.Join(parts, "; ")
	}
	return strings.Join(lines, "\n")
}

func TestWalk_tells_which_stage_hosts_have_reached(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	p.Hosts[1].Stages[0].Done = "healthy"
	ground := plan.Phase{Name: "prepare", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{mark("prepare")}}}}}}
	if err := f.w.Walk(t.Context(), of(ground, p)); err != nil {
		t.Fatal(err)
	}
	want := `prepare on vm1, together false, undo false; vm1 prepare
start on vm1 vm2, together true, undo false; vm1 start; vm2 healthy
switch on vm1 vm2, together true, undo false; vm1 switch; vm2 switch
keep on vm1 vm2, together true, undo false; vm1 keep; vm2 keep
finish on vm1 vm2, together false, undo false; vm1 finish; vm2 finish`
	if got := progress(f); got != want {
		t.Errorf("told:\n%s", got)
	}
}

func TestWalk_tells_which_hosts_failed_and_which_went_back(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "vm1", "vm2")
	p := rollout(0, f.Names...)
	set(p, 1, boom("switch"))
	broken := mark("run")
	broken.Undo = shell.Text("{ echo 'no undo' >&2; exit 3; }")
	set(p, 0, broken)
	if err := f.w.Walk(t.Context(), of(p)); err == nil {
		t.Fatal("it did not fail")
	}
	got := progress(f)
	if !strings.Contains(got, "switch on vm1 vm2, together true, undo false") || !strings.Contains(got, "vm2 failed") {
		t.Errorf("told:\n%s", got)
	}
	if want := "\nundo on vm1 vm2, together false, undo true; vm1 failed; vm2 rolled back"; !strings.HasSuffix(got, want) {
		t.Errorf("told:\n%s", got)
	}
}
