package workflow

import (
	"context"
	"time"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// StartApp starts the containers that ran last, and routes requests to them.
func StartApp(ctx context.Context, env Env) error { return changeApp(ctx, env, deploy.Start) }

// StopApp stops the containers of the app. Clients get 502.
func StopApp(ctx context.Context, env Env) error { return changeApp(ctx, env, always(deploy.Stop)) }

// StopStale stops running containers of versions other than the current one.
func StopStale(ctx context.Context, env Env) error {
	return changeApp(ctx, env, always(deploy.StopStale))
}

// MaintenanceOptions are the options of Maintenance.
type MaintenanceOptions struct {
	Message string         // text on the maintenance page
	Drain   *time.Duration // how long requests in flight may take; nil is drain_timeout
}

// Maintenance makes the proxy answer all requests to the app with 503 and a maintenance page.
func Maintenance(ctx context.Context, env Env, o MaintenanceOptions) error {
	drain := env.Scope.Project.DrainTimeout
	if o.Drain != nil {
		drain = *o.Drain
	}
	return changeApp(ctx, env, func(s deploy.State) (*plan.Plan, error) { return deploy.Maintenance(s, o.Message, drain) })
}

// EndMaintenance routes requests to the app's containers again.
func EndMaintenance(ctx context.Context, env Env) error { return changeApp(ctx, env, deploy.Live) }

// RemoveApp removes the app's containers, routes and images from the hosts of the run.
func RemoveApp(ctx context.Context, env Env) error {
	return changeApp(ctx, env, always(deploy.RemoveApp))
}

// changeApp carries out a change of the app that starts no new version.
func changeApp(ctx context.Context, env Env, makePlan func(deploy.State) (*plan.Plan, error)) error {
	return changeHosts(ctx, env, change{hosts: env.Scope.AppHosts(), planner: stateOf(env, makePlan)})
}

// stateOf adapts a planner that needs the configuration and the facts.
func stateOf(env Env, makePlan func(deploy.State) (*plan.Plan, error)) planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		return makePlan(deploy.State{Scope: env.Scope, Secrets: env.Secrets, Facts: seen})
	}
}

// always adapts a planner that cannot fail.
func always[T any](makePlan func(T) *plan.Plan) func(T) (*plan.Plan, error) {
	return func(t T) (*plan.Plan, error) { return makePlan(t), nil }
}
