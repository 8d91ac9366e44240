package apply

import (
	"testing"
	"time"

	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
	"mrsk/internal/testfleet"
)

// testFleet is some hosts and a walker for plans on them.
type testFleet struct {
	*testfleet.Fleet
	w *Walker
}

func newFleet(t *testing.T, names ...string) *testFleet {
	t.Helper()
	f := testfleet.New(t, names...)
	return &testFleet{f, &Walker{
		Fleet: f.Fleet, Sink: f.Sink, Prelude: testfleet.Prelude(),
		Guard: lock.Guard("", 20*time.Second), Settle: lock.Guard("", 20*time.Second),
		Primary: "web", Grace: 20 * time.Second,
	}}
}

// mark is a step that writes its name into the trace, and un- and its name when it is undone.
func mark(name string) plan.Step {
	return plan.Step{Name: name, Run: shell.Cmd("mark", name), Undo: shell.Cmd("mark", "un-"+name), Role: "web"}
}

// boom is a step that fails after it has done its work.
func boom(name string) plan.Step {
	s := mark(name)
	s.Run = s.Run.And(shell.Text("{ echo 'no room' >&2; exit 3; }"))
	return s
}

// rollout is a rollout of four stages on hosts. Tests replace the step that they are about.
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
