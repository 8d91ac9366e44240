package workflow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/plan"
)

// DeployOptions say how to deploy.
type DeployOptions struct {
	BuildOptions
	Verb      string // deploy or redeploy, for the title of the plan
	SkipPush  bool   // the image is in the registry already
	Confirmed bool   // do not ask what the plan asks
}

// Deploy builds the image, brings it to the hosts, and rolls it out.
func Deploy(ctx context.Context, env Env, o DeployOptions) error {
	if err := env.needHosts(); err != nil {
		return err
	}
	return deployImage(ctx, env, o, func(ctx context.Context, again rebuild) error { return pullImage(ctx, env, again) }, change{
		hosts: env.Scope.AppHosts(), planner: rolloutOf(env, o.Verb, true), around: aroundBoot, confirmed: o.Confirmed,
	})
}

// deployImage builds the image, has pull bring it to the hosts, and rolls it out as planned.
func deployImage(ctx context.Context, env Env, o DeployOptions, pull func(context.Context, rebuild) error, c change) error {
	began := env.Now()
	env.Changing()
	var again rebuild
	if !o.SkipPush {
		var err error
		if again, err = buildWhileLooking(ctx, env, o.BuildOptions); err != nil {
			return err
		}
	}
	if err := rollOut(ctx, env, func(ctx context.Context) error { return pull(ctx, again) }, c); err != nil {
		return err
	}
	return finishRollout(ctx, env, hook.PostDeploy, began)
}

// rollOut rolls a version out under the lease, which is taken while the images are pulled.
func rollOut(ctx context.Context, env Env, pull func(context.Context) error, c change) error {
	return env.withLease(ctx, c.hosts, pull, func(ctx context.Context, l leased) error {
		if err := l.hook(ctx, hook.PreDeploy); err != nil {
			return err
		}
		return l.changeAndShare(ctx, c)
	})
}

// changeAndShare carries out a change, and brings certificates to the hosts that receive them.
func (l leased) changeAndShare(ctx context.Context, c change) error {
	err := l.change(ctx, c)
	if err == nil {
		l.tryToShareCertificates(ctx, certificateTimeout)
	}
	return err
}

// rolloutOf plans the rollout of the run's version.
func rolloutOf(env Env, verb string, release bool) planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		return deploy.Rollout(rolloutRequest(env, verb, release, seen))
	}
}

func rolloutRequest(env Env, verb string, release bool, seen map[string]facts.Host) deploy.Request {
	return deploy.Request{
		Scope: env.Scope, Verb: verb, Version: env.Version, Token: env.Identity.Token, Facts: seen,
		Release: release, Prune: true,
	}
}

// finishRollout runs the hook that comes after a rollout, and says what serves.
func finishRollout(ctx context.Context, env Env, name string, began time.Time) error {
	took := env.Now().Sub(began)
	vars := env.vars(env.Scope.Hosts())
	vars.Runtime = took
	if err := env.Hooks.Run(ctx, name, vars); err != nil {
		return fmt.Errorf("version %s is live, but %w", env.Version, err)
	}
	hosts := env.Scope.AppHosts()
	where := strings.Join(hosts, ", ")
	if len(hosts) > 3 {
		where = fmt.Sprintf("%d hosts", len(hosts))
	}
	env.Sink(event.Note{Text: fmt.Sprintf("Done in %.1f s: version %s serves on %s", took.Seconds(), env.Version, where)})
	return nil
}
