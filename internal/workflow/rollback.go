package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/hook"
	"mrsk/internal/observe"
)

// RollbackOptions say how to roll back.
type RollbackOptions struct {
	Confirmed bool // do not ask what the plan asks
}

// Rollback rolls out the version of the run, whose image is on the hosts already. A version that is
// not there is an error before any hook has run.
func Rollback(ctx context.Context, env Env, o RollbackOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	began := env.Now()
	env, err := findVersion(ctx, env)
	if err != nil {
		return err
	}
	err = rollOut(ctx, env, nothing, change{
		hosts: env.Scope.AppHosts(), planner: rolloutOf(env, "rollback", false), around: aroundBoot, confirmed: o.Confirmed,
	})
	if err != nil {
		return err
	}
	return finishRollout(ctx, env, hook.PostRollback, began)
}

// findVersion looks for the version of the run on the hosts. The user may have typed only the
// beginning of it.
func findVersion(ctx context.Context, env Env) (Env, error) {
	seen, err := env.Observer.Facts(ctx, env.Scope.AppHosts(), observe.Want{})
	if err != nil {
		return env, err
	}
	version, err := deploy.FindVersion(env.Scope, seen, env.Version)
	if err != nil {
		return env, err
	}
	if version != env.Version {
		env.Sink(event.Note{Text: "Version " + env.Version + " is " + version})
	}
	found := env.withVersion(version)
	return found, rolloutRequest(found, "rollback", false, seen).MissingImage()
}

// ListVersions returns the versions whose images are on the hosts, newest first.
func ListVersions(ctx context.Context, env Env) ([]deploy.Version, error) {
	seen, err := env.Observer.Facts(ctx, env.Scope.AppHosts(), observe.Want{})
	if err != nil {
		return nil, err
	}
	return deploy.Versions(env.Scope, seen), nil
}
