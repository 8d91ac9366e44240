package rollout

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// A status means something only from a step whose kind gives it that meaning: a release command
// that ends with the status of a host that has changed is not run again.
func TestChange_plans_anew_only_when_the_check_for_it_fails(t *testing.T) {
	t.Parallel()
	const drifted = `echo ran >>"$HOME/trace"; exit "$status_drifted"`
	release := plan.Phase{Name: "release", Once: true, Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{
		Steps: []plan.Step{{Name: "run the release command", Run: shell.Text(`echo released >>"$HOME/trace"`)}},
	}}}}}
	for name, tt := range map[string]struct {
		kind   script.Kind
		before []plan.Phase
		want   string
	}{
		"a release command":                   {script.Other, nil, "ran"},
		"a wait for a container":              {script.AwaitHealthy, nil, "ran"},
		"the check":                           {script.Expect, nil, "ran ran"},
		"the check after a release command":   {script.Expect, []plan.Phase{release}, "released ran ran"},
		"a step of the rollout after release": {script.Other, []plan.Phase{release}, "released ran"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, host := newRun(t, nil)
			r.Changing = func() {}
			step := plan.Step{Name: "look", Kind: tt.kind, Run: shell.Text(drifted), Private: true}
			p := &plan.Plan{Phases: append(tt.before, plan.Phase{Name: "work", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{step}}}}}})}
			err := r.Change(t.Context(), []string{"vm1"}, func(map[string]facts.Host) (*plan.Plan, error) { return p, nil })
			if err == nil {
				t.Error("no error")
			}
			text, _ := os.ReadFile(filepath.Join(host.Home(), "trace"))
			if got := strings.Join(strings.Fields(string(text)), " "); got != tt.want {
				t.Errorf("did %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWalk_takes_only_a_container_that_is_not_well_for_one(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		step plan.Step
		want bool
	}{
		"a captured step with output": {plan.Step{Private: true, Run: shell.Text("echo output; exit 1")}, false},
		"the status of another step":  {plan.Step{Private: true, Run: shell.Text(`echo output; exit "$status_unwell"`)}, false},
		"a wait that itself fails":    {plan.Step{Kind: script.AwaitHealthy, Run: shell.Text("echo output; exit 1")}, false},
		"a container without a log":   {plan.Step{Kind: script.AwaitHealthy, Run: shell.Text(`exit "$status_unwell"`)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, "vm1")
			y.w.SaveLog = func(string, string, []byte) (string, error) {
				t.Error("a log was saved")
				return "", nil
			}
			p := rollout(0, "vm1")
			tt.step.Name = "wait"
			set(p, 0, tt.step)
			err := y.w.Walk(t.Context(), of(p))
			var unhealthy *UnhealthyError
			if err == nil || errors.As(err, &unhealthy) != tt.want {
				t.Errorf("err = %v", err)
			}
		})
	}
}
