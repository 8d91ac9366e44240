package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/observe"
)

// BootOptions are the options of Boot.
type BootOptions struct {
	// Current boots the version that runs now or, if none runs, the one deployed last. Env.Version is
	// ignored then.
	Current   bool
	Confirmed bool // answer yes to the questions of the plan
}

// Boot rolls out a version whose image is on the hosts already, without the hooks and the release
// command of a deploy.
func Boot(ctx context.Context, env Env, o BootOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	began := env.Now()
	if o.Current {
		env = env.withVersion("")
	}
	env, err := bootedVersion(ctx, env, o)
	if err != nil {
		return env.conclude(ctx, began, applied{}, err)
	}
	var done applied
	hosts := env.Scope.AppHosts()
	work := env.announce(ctx, hosts, "Booting")
	err = env.withLease(ctx, hosts, noWork, func(ctx context.Context, l leased) (err error) {
		done, err = l.changeAndShare(ctx, change{
			work: work, hosts: hosts, planner: rolloutOf(env, "boot", false), around: aroundBoot, version: env.Version, confirmed: o.Confirmed,
		})
		return err
	})
	return env.conclude(ctx, began, done, err)
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

// Hint names the commands that start a container.
func (*NothingRunsError) Hint() string {
	return "run mrsk app start to start what ran last, or mrsk app boot --version V with a version of mrsk app images"
}
