package workflow

import (
	"context"
	"strings"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/observe"
)

// SyncOptions are the options of Sync.
type SyncOptions struct {
	Confirmed bool // answer yes to the questions of the plan
}

// Sync brings the version that was brought up last to the hosts that run another one, or none. It builds nothing and
// does not run the release command, which has run for that version.
func Sync(ctx context.Context, env Env, o SyncOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	seen, err := env.Observer.Facts(ctx, env.Scope.AppHosts(), observe.Want{})
	if err != nil {
		return err
	}
	version, behind := deploy.Behind(env.Scope, seen)
	switch {
	case version == "":
		return &NothingRunsError{}
	case len(behind) == 0:
		env.Sink(event.Note{Text: "All hosts run version " + version})
		return nil
	}
	env.Sink(event.Note{Text: "Bringing version " + version + " to " + strings.Join(behind, ", ")})
	env = env.withVersion(version)
	env.Scope = env.Scope.Only(behind)
	return deployImage(ctx, env, DeployOptions{Verb: "sync", SkipPush: true}, func(ctx context.Context, again rebuild) error {
		return pullImage(ctx, env, again)
	}, change{
		hosts: behind, planner: rolloutOf(env, "sync", false), around: aroundBoot, version: version, confirmed: o.Confirmed,
	})
}
