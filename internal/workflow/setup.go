package workflow

import (
	"context"
	"errors"

	"mrsk/internal/accessory"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// SetupOptions are the options of Setup.
type SetupOptions struct {
	DeployOptions
	Files accessory.Files // files and directories of the accessories
}

// Setup installs Docker where it is missing, starts the proxies and the accessories, and deploys.
// If the run has no host of the app, it builds nothing and starts only the accessories.
func Setup(ctx context.Context, env Env, o SetupOptions) error {
	if err := env.needReal(env.Scope.Hosts()); err != nil {
		return err
	}
	if err := Bootstrap(ctx, env); err != nil {
		return err
	}
	c := change{
		hosts: env.Scope.Hosts(), want: observe.Want{Accessories: true},
		planner: setupOf(env, o), around: aroundBoot, confirmed: o.Confirmed,
	}
	pullAccessories := func(ctx context.Context) error { return pullAccessories(ctx, env, false) }
	if len(env.Scope.AppHosts()) == 0 {
		return env.withLease(ctx, c.hosts, pullAccessories, func(ctx context.Context, l leased) error { return l.change(ctx, c) })
	}
	pullAll := func(ctx context.Context, again rebuild) error {
		return errors.Join(pullImage(ctx, env, again), pullAccessories(ctx))
	}
	return deployImage(ctx, env, o.DeployOptions, pullAll, c)
}

func setupOf(env Env, o SetupOptions) planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		return deploy.Setup(rolloutRequest(env, o.Verb, true, seen), accessoriesRequest(env, o.Files, seen))
	}
}
