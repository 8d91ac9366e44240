package workflow

import (
	"context"
	"errors"
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
			env, f := newEnv(t)
			step := plan.Step{Name: "look", Kind: tt.kind, Run: shell.Text(drifted), Captured: true}
			p := &plan.Plan{Phases: append(tt.before, plan.Phase{Name: "work", Hosts: []plan.Host{{Name: "vm1", Stages: []plan.Stage{{Steps: []plan.Step{step}}}}}})}
			err := changeHosts(t.Context(), env, change{hosts: []string{"vm1"}, planner: func(map[string]facts.Host) (*plan.Plan, error) { return p, nil }})
			if err == nil {
				t.Error("no error")
			}
			if got := f.Did("vm1"); got != tt.want {
				t.Errorf("did %q, want %q", got, tt.want)
			}
		})
	}
}

// What a plan asks is asked once, also when the run plans again.
func TestAgree_asks_the_same_questions_once(t *testing.T) {
	t.Parallel()
	asked, answer := 0, true
	a := attempt{leased: leased{Env{Confirm: func(context.Context, string) (bool, error) { asked++; return answer, nil }}}}
	for _, questions := range [][]string{nil, {"a"}, {"a"}, {"a", "b"}} {
		if err := a.agree(t.Context(), questions); err != nil {
			t.Errorf("%v: %v", questions, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	answer = false
	if err := a.agree(t.Context(), []string{"c"}); !errors.Is(err, errDeclined) {
		t.Errorf("after a no: %v", err)
	}
	a.confirmed = true
	if err := a.agree(t.Context(), []string{"d"}); err != nil || asked != 3 {
		t.Errorf("confirmed on the command line: %v, asked %d times", err, asked)
	}
	if err := new(attempt).agree(t.Context(), []string{"c"}); !errors.Is(err, errDeclined) {
		t.Errorf("nobody to ask: %v", err)
	}
}

func TestChange_reports_whether_there_was_something_to_do(t *testing.T) {
	t.Parallel()
	env, f := newEnv(t)
	err := env.withLease(t.Context(), []string{"vm1"}, nothing, func(ctx context.Context, l leased) error {
		changed, err := l.applyChange(ctx, change{hosts: []string{"vm1"}, planner: always(func(map[string]facts.Host) *plan.Plan { return &plan.Plan{} })})
		if changed {
			t.Error("an empty plan has changed something")
		}
		return err
	})
	if err != nil || f.Said() != "There is nothing to do" {
		t.Errorf("%v: %s", err, f.Said())
	}
}
