package workflow

import (
	"context"
	"errors"
	"time"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// DeployOptions are the options of Deploy.
type DeployOptions struct {
	BuildOptions
	Verb      string // deploy or redeploy, for the title of the plan
	SkipPush  bool   // the image is in the registry already
	Ask       bool   // show what the plan changes, and ask, before anything changes
	Confirmed bool   // answer yes to the questions of the plan
	// SkipUnreachable leaves out hosts that cannot be reached.
	SkipUnreachable bool
	Saved           *SavedPlan // the only plan that may be carried out, and that is not asked about; nil allows any
}

// Deploy builds the image, brings it to the hosts, and rolls it out.
func Deploy(ctx context.Context, env Env, o DeployOptions) error {
	if err := errors.Join(env.needHosts(), env.needReal(env.Scope.AppHosts())); err != nil {
		return err
	}
	env, skipped, err := env.reachable(ctx, o.SkipUnreachable)
	if err != nil {
		return err
	}
	if err := o.Saved.check(ctx, env); err != nil {
		return err
	}
	err = deployImage(ctx, env, o, func(ctx context.Context, again rebuild) error { return pullImage(ctx, env, again) }, change{
		hosts: env.Scope.AppHosts(), want: observe.Want{Env: o.Ask || o.Saved != nil},
		planner: o.Saved.guard(env, rolloutOf(env, o.Verb, true)), around: aroundBoot,
		version: env.Version, ask: o.Ask, confirmed: o.Confirmed || o.Saved != nil,
	})
	if err == nil {
		env.warnOfSkipped(skipped)
	}
	return err
}

// deployImage builds the image unless o.SkipPush is set, pulls it on the hosts with pull, and carries
// out the change c.
func deployImage(ctx context.Context, env Env, o DeployOptions, pull func(context.Context, rebuild) error, c change) error {
	began := env.Now()
	env.Changing()
	c.work = env.announce(ctx, c.changed(), doing[o.Verb])
	var again rebuild
	if !o.SkipPush {
		var err error
		if again, err = buildWhilePrefetching(ctx, env, o.BuildOptions); err != nil {
			return env.conclude(ctx, began, applied{}, err)
		}
	}
	done, err := rollOut(ctx, env, func(ctx context.Context) error { return pull(ctx, again) }, c)
	if err == nil {
		err = env.afterRollout(ctx, hook.PostDeploy, began)
	}
	return env.conclude(ctx, began, done, err)
}

// doing is what a verb of DeployOptions does.
var doing = map[string]string{"deploy": "Deploying", "redeploy": "Redeploying", "setup": "Setting up", "sync": "Syncing"}

// announce announces the rollout of the run's version. The event tells what is known before the hosts are observed.
func (e Env) announce(ctx context.Context, hosts []string, doing string) event.Work {
	w := event.Work{Doing: doing + " " + e.Scope.Project.Service, Version: e.Version, Hosts: hosts}
	if e.Subject != nil {
		w.Subject = e.Subject(ctx, e.Version)
	}
	e.Sink(w)
	return w
}

// rollOut carries out a rollout under the lease. It takes the lease and pulls the images at the same
// time.
func rollOut(ctx context.Context, env Env, pull func(context.Context) error, c change) (done applied, err error) {
	err = env.withLease(ctx, c.hosts, pull, func(ctx context.Context, l leased) error {
		if err := l.hook(ctx, hook.PreDeploy); err != nil {
			return err
		}
		done, err = l.changeAndShare(ctx, c)
		return err
	})
	return done, err
}

// changeAndShare carries out a change, and then shares certificates between the hosts of a role.
func (l leased) changeAndShare(ctx context.Context, c change) (applied, error) {
	done, err := l.applyChange(ctx, c)
	if err == nil {
		l.tryToShareCertificates(ctx, certificateTimeout)
	}
	return done, err
}

// rolloutOf returns the planner of a rollout of the run's version. release tells whether the release
// command runs.
func rolloutOf(env Env, verb string, release bool) planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		return deploy.Rollout(rolloutRequest(env, verb, release, seen))
	}
}

func rolloutRequest(env Env, verb string, release bool, seen map[string]facts.Host) deploy.Request {
	return deploy.Request{
		Scope: env.Scope, Secrets: env.Secrets, Verb: verb, Version: env.Version, Token: env.Identity.Token, Facts: seen,
		Release: release, Prune: true,
	}
}

// afterRollout runs the hook that follows a rollout.
func (e Env) afterRollout(ctx context.Context, name string, began time.Time) error {
	vars := e.vars(e.Scope.Hosts())
	vars.Runtime = e.Now().Sub(began)
	if err := e.Hooks.Run(ctx, name, vars); err != nil {
		return &afterError{e.Version, err}
	}
	return nil
}
