package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
)

// Preview plans the deploy of the run's version without building, locking or changing anything.
// Hosts that lack the image are taken to have it by then: the deploy brings it first.
func (r *Run) Preview(ctx context.Context) (*plan.Plan, error) {
	hosts := r.Scope.AppHosts()
	r.WithLocks = true
	var notes []string
	p, err := r.Plan(ctx, hosts, func(seen map[string]facts.Host) (*plan.Plan, error) {
		if err := lock.Check(inOrder(r.Scope, seen), r.token()); err != nil {
			notes = append(notes, err.Error())
		}
		notes = append(notes, r.delivered(seen)...)
		return r.Planner("deploy", true)(seen)
	})
	if err != nil {
		return nil, err
	}
	p.Notes = append(notes, p.Notes...)
	return p, nil
}

// delivered adds the image to the hosts that lack it.
func (r *Run) delivered(seen map[string]facts.Host) []string {
	image := r.Scope.Project.AbsoluteImage(r.Version)
	var lacking []string
	for _, name := range r.Scope.AppHosts() {
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
