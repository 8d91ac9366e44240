package simulation

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// mutation takes something away that keeps a promise.
type mutation struct {
	plan    func(*plan.Plan)
	noLease bool
	noGuard bool
}

func (m mutation) apply(o *operator) {
	o.mutate, o.noLease, o.noGuard = m.plan, m.noLease, m.noGuard
}

// stages changes the stages of each host.
func stages(change func([]plan.Stage) []plan.Stage) func(*plan.Plan) {
	return func(p *plan.Plan) {
		for _, phase := range p.Phases {
			for i := range phase.Hosts {
				phase.Hosts[i].Stages = change(phase.Hosts[i].Stages)
			}
		}
	}
}

// without removes the gate before a stage: the stage runs together with the one before it.
func without(gate string) func(*plan.Plan) {
	return stages(func(all []plan.Stage) []plan.Stage {
		k := slices.IndexFunc(all, func(s plan.Stage) bool { return s.Name == gate })
		all[k-1].Steps = append(all[k-1].Steps, all[k].Steps...)
		all[k].Steps = nil
		return all
	})
}

// withoutUndo removes the undos of a stage.
func withoutUndo(stage string) func(*plan.Plan) {
	return stages(func(all []plan.Stage) []plan.Stage {
		k := slices.IndexFunc(all, func(s plan.Stage) bool { return s.Name == stage })
		for i := range all[k].Steps {
			all[k].Steps[i].Undo = shell.Line{}
		}
		return all
	})
}

// withoutSteps empties a stage.
func withoutSteps(stage string) func(*plan.Plan) {
	return stages(func(all []plan.Stage) []plan.Stage {
		k := slices.IndexFunc(all, func(s plan.Stage) bool { return s.Name == stage })
		all[k].Steps = nil
		return all
	})
}

// The simulation is worth something only if it notices that a promise is no longer kept.
func TestSimulation_finds_what_is_taken_away(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes with the race detector: make test runs it without")
	}
	t.Parallel()
	scope := load(t)
	for name, m := range map[string]mutation{
		"the gate before the switch":  {plan: without("switch")},
		"the gate before the commit":  {plan: without("keep")},
		"the undo of the start":       {plan: withoutUndo("start")},
		"the undo of the switch":      {plan: withoutUndo("switch")},
		"the commit":                  {plan: withoutSteps("keep")},
		"the lease and the work lock": {noLease: true, noGuard: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(*runs) {
				found := false
				synctest.Test(t, func(t *testing.T) {
					w := deployWithFaults(context.WithoutCancel(t.Context()), scope, 1+seed, m)
					found = len(w.violations) > 0
				})
				if found {
					t.Logf("found by seed %d", 1+seed)
					return
				}
			}
			t.Errorf("%d seeds did not find that %s is missing", *runs, name)
		})
	}
}
