package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// PlanDeploy plans the deploy of the run's version without building, locking or changing anything. It
// plans as if all hosts had the image, because a deploy pulls it before it plans.
func PlanDeploy(ctx context.Context, env Env) (*plan.Plan, error) {
	p, _, err := planDeploy(ctx, env)
	return p, err
}

// PlanToSave is PlanDeploy. saved is the same plan for Deploy.
func PlanToSave(ctx context.Context, env Env) (p *plan.Plan, saved *SavedPlan, err error) {
	p, seen, err := planDeploy(ctx, env)
	if err == nil {
		saved, err = savePlan(env, seen)
	}
	return p, saved, err
}

// planDeploy also returns what it observed, to which it adds the image.
func planDeploy(ctx context.Context, env Env) (*plan.Plan, map[string]facts.Host, error) {
	var notes []string
	p, seen, err := env.plan(ctx, change{
		hosts: env.Scope.AppHosts(), want: observe.Want{Locks: true, Env: true},
		planner: func(seen map[string]facts.Host) (*plan.Plan, error) {
			if err := lock.Check(appFacts(env, seen), env.token()); err != nil {
				notes = append(notes, err.Error())
			}
			notes = append(notes, assumeImage(env, seen)...)
			return rolloutOf(env, "deploy", true)(seen)
		},
	})
	if err != nil {
		return nil, nil, err
	}
	p.Notes = append(notes, p.Notes...)
	env.addCommits(ctx, p)
	return p, seen, nil
}

// addCommits adds to a plan the commits between the version that runs and the one that is to run, if there is one of
// each.
func (e Env) addCommits(ctx context.Context, p *plan.Plan) {
	var from []string
	for _, c := range p.Changes {
		if c.What == plan.Version && c.Kind == plan.Changed && !slices.Contains(from, c.From) {
			from = append(from, c.From)
		}
	}
	if len(from) == 1 && e.Commits != nil {
		p.Commits = e.Commits(ctx, from[0], e.Version)
	}
}

// appFacts returns the facts of the app's hosts in the order of the configuration.
func appFacts(env Env, seen map[string]facts.Host) []facts.Host {
	var all []facts.Host
	for _, name := range env.Scope.AppHosts() {
		all = append(all, seen[name])
	}
	return all
}

// assumeImage adds the image to the facts of the hosts that lack it, and returns a note about them.
func assumeImage(env Env, seen map[string]facts.Host) []string {
	image := env.Scope.Project.AbsoluteImage(env.Version)
	var lacking []string
	for _, name := range env.Scope.AppHosts() {
		h := seen[name]
		if _, there := app.FindImage(h, image); there {
			continue
		}
		h.Images = append(slices.Clone(h.Images), facts.Image{ID: "not built yet", Tags: []string{image}})
		seen[name] = h
		lacking = append(lacking, name)
	}
	if len(lacking) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("first, the image %s is built and pulled on %s", image, strings.Join(lacking, ", "))}
}
