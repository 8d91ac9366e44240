package workflow

import (
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
			r, f := newRun(t, nil)
			r.Changing = func() {}
			step := plan.Step{Name: "look", Kind: tt.kind, Run: shell.Text(drifted), Captured: true}
			p := &plan.Plan{Phases: append(tt.before, plan.Phase{Name: "work", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{step}}}}}})}
			err := r.Change(t.Context(), []string{"vm1"}, func(map[string]facts.Host) (*plan.Plan, error) { return p, nil })
			if err == nil {
				t.Error("no error")
			}
			if got := f.Did("vm1"); got != tt.want {
				t.Errorf("did %q, want %q", got, tt.want)
			}
		})
	}
}
