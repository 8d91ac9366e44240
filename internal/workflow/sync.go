package workflow

import (
	"context"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// SyncOptions are the options of Sync.
type SyncOptions struct {
	Confirmed       bool // answer yes to the questions of the plan
	SkipUnreachable bool // leave out hosts that cannot be reached
}

// Sync brings the version that was brought up last to the hosts that run another one, or none. It builds nothing and
// does not run the release command, which has run for that version. It locks and observes the other hosts, too: they tell
// the version.
func Sync(ctx context.Context, env Env, o SyncOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	env, skipped, err := env.reachable(ctx, o.SkipUnreachable)
	if err != nil {
		return err
	}
	seen, err := env.Observer.Facts(ctx, env.Scope.AppHosts(), observe.Want{})
	if err != nil {
		return err
	}
	version, behind := deploy.Behind(env.Scope, seen)
	if version == "" {
		return &NothingRunsError{}
	}
	env = env.withVersion(version)
	switch {
	case len(behind) > 0:
		err = syncHosts(ctx, env, o, behind)
	case len(skipped) > 0:
		env.Sink(event.Note{Text: "All hosts that can be reached run version " + version})
	default:
		env.Sink(event.Note{Text: "All hosts run version " + version})
	}
	if err == nil {
		env.warnOfSkipped(skipped)
	}
	return err
}

// syncHosts brings the version of the run to the hosts that lag behind.
func syncHosts(ctx context.Context, env Env, o SyncOptions, behind []string) error {
	all := env.Scope
	env.Sink(event.Note{Text: "Bringing version " + env.Version + " to " + strings.Join(behind, ", ")})
	env.Scope = all.Only(behind)
	return deployImage(ctx, env, DeployOptions{Verb: "sync", SkipPush: true}, func(ctx context.Context, again rebuild) error {
		return pullImage(ctx, env, again)
	}, change{
		hosts: all.AppHosts(), about: behind, planner: unlessMoved(all, env.Version, rolloutOf(env, "sync", false)),
		around: aroundBoot, version: env.Version, confirmed: o.Confirmed,
	})
}

// unlessMoved returns a planner that fails with a *MovedError if another version than the announced one was brought up
// last, and with a *NothingRunsError if none runs any more. Sync decides on a version before it has the lease, so another run may have changed the hosts since.
func unlessMoved(all *config.Scope, announced string, next planner) planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		switch now, _ := deploy.Behind(all, seen); now {
		case announced:
			return next(seen)
		case "":
			return nil, &NothingRunsError{}
		default:
			return nil, &MovedError{announced, now}
		}
	}
}

// MovedError reports that sync did not bring a version to hosts, because another one was brought up after it was
// announced.
type MovedError struct {
	Announced, Now string
}

func (e *MovedError) Error() string {
	return "sync version " + e.Announced + ": version " + e.Now + " was brought up meanwhile"
}

// Hint returns what to do.
func (e *MovedError) Hint() string { return "run mrsk sync again" }
