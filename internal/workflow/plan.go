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

// PlanDeploy plans the deploy of the run's version, and builds, locks and changes nothing. Hosts
// that lack the image count as having it: a deploy brings it first.
func PlanDeploy(ctx context.Context, env Env) (*plan.Plan, error) {
	var notes []string
	p, err := env.plan(ctx, change{
		hosts: env.Scope.AppHosts(), want: observe.Want{Locks: true},
		planner: func(seen map[string]facts.Host) (*plan.Plan, error) {
			if err := lock.Check(appFacts(env, seen), env.token()); err != nil {
				notes = append(notes, err.Error())
			}
			notes = append(notes, assumeImage(env, seen)...)
			return rolloutOf(env, "deploy", true)(seen)
		},
	})
	if err != nil {
		return nil, err
	}
	p.Notes = append(notes, p.Notes...)
	return p, nil
}

// appFacts are the facts of the app's hosts, in the order of the configuration.
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
	return []string{fmt.Sprintf("the image %s is built, and comes to %s, before all that", image, strings.Join(lacking, ", "))}
}
