package workflow

import (
	"context"
	"errors"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// Setup is Deploy with the accessories, which run before the app does. Where the run is about no
// host of the app, it is the accessories alone, and nothing is built.
func (r *Run) Setup(ctx context.Context, o DeployOptions) error {
	r.WithAccessories = true
	hosts, planner := r.Scope.Hosts(), r.setupPlanner(o.Verb)
	if r.Check() == nil {
		return r.deploy(ctx, o, hosts, r.pullAll, planner)
	}
	return r.withLease(ctx, hosts, r.fetchAccessories, func(ctx context.Context) error {
		return r.change(ctx, hosts, planner)
	})
}

// pullAll brings the images of the app and of the accessories.
func (r *Run) pullAll(ctx context.Context) error {
	return errors.Join(r.Pull(ctx), r.fetchAccessories(ctx))
}

func (r *Run) fetchAccessories(ctx context.Context) error { return r.pullAccessories(ctx, false) }

func (r *Run) setupPlanner(verb string) Planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		return deploy.Setup(r.request(verb, true, seen), r.accessories(seen))
	}
}
