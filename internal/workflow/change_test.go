package workflow

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"mrsk/internal/apply"
	"mrsk/internal/event"
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
	for _, question := range []string{"", "a", "a", "a\nb"} {
		if err := a.agree(t.Context(), question); err != nil {
			t.Errorf("%q: %v", question, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	answer = false
	if err := a.agree(t.Context(), "c"); !errors.Is(err, errDeclined) {
		t.Errorf("after a no: %v", err)
	}
	a.confirmed = true
	if err := a.agree(t.Context(), "d"); err != nil || asked != 3 {
		t.Errorf("confirmed on the command line: %v, asked %d times", err, asked)
	}
	if err := new(attempt).agree(t.Context(), "c"); !errors.Is(err, errDeclined) {
		t.Errorf("nobody to ask: %v", err)
	}
}

// With --confirm the user agrees to the changes, also where the plan has no questions.
func TestQuestion_has_the_changes_where_they_are_asked_for(t *testing.T) {
	t.Parallel()
	p := &plan.Plan{
		Title: "deploy shop", Questions: []string{"vm1 no longer serves"},
		Changes: []plan.Change{{Kind: plan.Changed, Role: "web", What: plan.Version, From: "v1", To: "v2", Everywhere: true}},
	}
	env := Env{Version: "v2", Commits: func(_ context.Context, from, to string) []string { return []string{from + " to " + to} }}
	a := attempt{leased: leased{env}}
	if got := a.question(t.Context(), p); got != "vm1 no longer serves" {
		t.Errorf("without --confirm: %q", got)
	}
	a.change.ask = true
	want := "deploy shop\n  ~ web: version v1 → v2\n    v1 to v2\nvm1 no longer serves"
	if got := a.question(t.Context(), p); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChange_reports_whether_there_was_something_to_do(t *testing.T) {
	t.Parallel()
	env, f := newEnv(t)
	err := env.withLease(t.Context(), []string{"vm1"}, noWork, func(ctx context.Context, l leased) error {
		done, err := l.applyChange(ctx, change{hosts: []string{"vm1"}, planner: always(func(map[string]facts.Host) *plan.Plan { return &plan.Plan{} })})
		if done.changed {
			t.Error("an empty plan has changed something")
		}
		return err
	})
	if err != nil || f.Said() != "There is nothing to do" {
		t.Errorf("%v: %s", err, f.Said())
	}
}

// What the first attempt did is still true when the second one fails before it begins.
func TestChange_remembers_the_first_attempt_when_the_second_cannot_be_planned(t *testing.T) {
	t.Parallel()
	check := plan.Step{Name: "look", Kind: script.Expect, Run: shell.Text(`exit "$status_drifted"`)}
	plain := plan.Stage{Steps: []plan.Step{check}}
	for name, tt := range map[string]struct {
		stages []plan.Stage
		want   event.Outcome
	}{
		"before the rollout": {[]plan.Stage{plain}, event.NotStarted},
		"in the rollout":     {[]plan.Stage{plain, {Commit: true}}, event.RolledBack},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, _ := newEnv(t)
			plans := []*plan.Plan{{Phases: []plan.Phase{{Name: "work", Rollout: len(tt.stages) > 1, Hosts: []plan.Host{{Name: "vm1", Stages: tt.stages}}}}}}
			planner := func(map[string]facts.Host) (p *plan.Plan, err error) {
				if len(plans) == 0 {
					return nil, errors.New("no plan")
				}
				p, plans = plans[0], plans[1:]
				return p, nil
			}
			err := env.withLease(t.Context(), []string{"vm1"}, noWork, func(ctx context.Context, l leased) error {
				done, err := l.applyChange(ctx, change{hosts: []string{"vm1"}, planner: planner})
				if outcome, _ := outcomeOf(done, err); outcome != tt.want {
					t.Errorf("%s, want %s", outcome, tt.want)
				}
				return err
			})
			if err == nil || err.Error() != "no plan" {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAfterRollback(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	back, lost := &apply.RolledBackError{Err: boom}, &apply.RolledBackError{Err: boom, NotUndone: []string{"vm2"}}
	for _, tt := range []struct{ first, second, want error }{
		{back, nil, nil},
		{boom, boom, boom},
		{boom, lost, lost},
		{back, lost, lost},
		{back, boom, back},
	} {
		if got := afterRollback(tt.first, tt.second); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%#v, %#v: %#v", tt.first, tt.second, got)
		}
	}
	if !undone(boom) || !undone(back) || undone(lost) {
		t.Error("only a rollback that reached all hosts is undone")
	}
}
