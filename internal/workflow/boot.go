package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/observe"
)

// BootOptions say what to boot.
type BootOptions struct {
	// Current boots the version that runs now, or was deployed last, instead of the run's.
	Current   bool
	Confirmed bool // do not ask what the plan asks
}

// Boot rolls out a version whose image is on the hosts already, without the hooks and the release
// command of a deploy.
func Boot(ctx context.Context, env Env, o BootOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	env, err := bootedVersion(ctx, env, o)
	if err != nil {
		return err
	}
	hosts := env.Scope.AppHosts()
	return env.withLease(ctx, hosts, nothing, func(ctx context.Context, l leased) error {
		return l.changeAndShare(ctx, change{hosts: hosts, planner: rolloutOf(env, "boot", false), around: aroundBoot, confirmed: o.Confirmed})
	})
}

func bootedVersion(ctx context.Context, env Env, o BootOptions) (Env, error) {
	if !o.Current {
		return findVersion(ctx, env)
	}
	seen, err := env.Observer.Facts(ctx, env.Scope.AppHosts(), observe.Want{})
	if err != nil {
		return env, err
	}
	version, why := deploy.CurrentVersion(env.Scope, seen)
	if version == "" {
		return env, &NothingRunsError{}
	}
	env.Sink(event.Note{Text: "Booting version " + version + ", which " + why})
	return findVersion(ctx, env.withVersion(version))
}

// NothingRunsError reports an app without a version to boot.
type NothingRunsError struct{}

func (*NothingRunsError) Error() string {
	return "no container of the app runs, so there is no version to boot"
}

// Hint names the commands that start something.
func (*NothingRunsError) Hint() string {
	return "mrsk app start starts what ran last; mrsk app boot --version V boots a version that mrsk app images lists"
}
