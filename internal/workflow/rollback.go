package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/hook"
	"mrsk/internal/observe"
)

// RollbackOptions are the options of Rollback.
type RollbackOptions struct {
	Ask bool // show what the plan changes, and ask, before anything changes
	// SkipUnreachable leaves out hosts that cannot be reached.
	SkipUnreachable bool
	Confirmed       bool // answer yes to the questions of the plan
}

// Rollback rolls out the version of the run, whose image is already on the hosts. If the image is missing,
// Rollback fails before any hook runs.
func Rollback(ctx context.Context, env Env, o RollbackOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	began := env.Now()
	env, skipped, err := env.reachable(ctx, o.SkipUnreachable)
	if err != nil {
		return err
	}
	env, err = findVersion(ctx, env)
	if err != nil {
		return env.conclude(ctx, began, applied{}, err)
	}
	done, err := rollOut(ctx, env, noWork, change{
		work: env.announce(ctx, env.Scope.AppHosts(), "Rolling back"), hosts: env.Scope.AppHosts(), want: observe.Want{Env: o.Ask},
		planner: rolloutOf(env, "rollback", false), around: aroundBoot, version: env.Version, ask: o.Ask, confirmed: o.Confirmed,
	})
	if err == nil {
		err = env.afterRollout(ctx, hook.PostRollback, began)
	}
	if err = env.conclude(ctx, began, done, err); err == nil {
		env.warnOfSkipped(skipped)
	}
	return err
}

// findVersion completes the version of the run, of which the user may have typed only the beginning,
// from the images on the hosts. It fails if the image is missing.
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
