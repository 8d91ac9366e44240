package workflow

import (
	"context"
	"errors"
	"strings"

	"mrsk/internal/apply"
	"mrsk/internal/deploy"
	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/lock"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
	"mrsk/internal/script"
)

// planner makes a plan of facts.
type planner func(map[string]facts.Host) (*plan.Plan, error)

// change is a change of hosts: what must be known for it, and how it is planned.
type change struct {
	hosts     []string
	want      observe.Want
	planner   planner
	around    aroundBatch
	confirmed bool // the user has agreed to the questions of the plan on the command line
}

// aroundBatch are the hooks that run before and after each batch of a rollout.
type aroundBatch struct{ before, after string }

var (
	aroundBoot   = aroundBatch{hook.PreAppBoot, hook.PostAppBoot}
	aroundReboot = aroundBatch{hook.PreProxyReboot, hook.PostProxyReboot}
)

// changeHosts carries out a change under the lease.
func changeHosts(ctx context.Context, env Env, c change) error {
	return env.withLease(ctx, c.hosts, nothing, func(ctx context.Context, l leased) error { return l.change(ctx, c) })
}

// change carries out a change.
func (l leased) change(ctx context.Context, c change) error {
	_, err := l.applyChange(ctx, c)
	return err
}

// applyChange carries out a change and reports whether there was something to do. When the hosts
// are no longer as they were seen, it begins again, once.
func (l leased) applyChange(ctx context.Context, c change) (changed bool, err error) {
	a := attempt{leased: l, change: c, walker: l.walker(c.around)}
	changed, err = a.run(ctx)
	if drifted(err) {
		l.Observer.Forget()
		l.Sink(event.Note{Text: "A host has changed since it was checked; planning again"})
		changed, err = a.run(ctx)
	}
	return changed, err
}

// attempt is a try at a change. The second one does not repeat what the first one has asked the
// user and what the walker has done once and for all.
type attempt struct {
	leased
	change
	walker *apply.Walker
	agreed string // the questions that the user has agreed to
}

// run asks for facts, plans, asks the user what the plan asks, and applies the plan.
func (a *attempt) run(ctx context.Context) (changed bool, err error) {
	p, err := a.leased.plan(ctx, a.change)
	if err != nil {
		return false, err
	}
	a.showNotes(p)
	if err := a.agree(ctx, p.Questions); err != nil {
		return false, err
	}
	return !p.Empty(), a.walker.Walk(ctx, p)
}

// plan asks for facts and plans.
func (e Env) plan(ctx context.Context, c change) (*plan.Plan, error) {
	seen, err := e.Observer.Facts(ctx, c.hosts, c.want)
	if err != nil {
		return nil, err
	}
	return c.planner(seen)
}

func drifted(err error) bool {
	var failed *script.StepError
	return errors.As(err, &failed) && failed.Means(script.Drifted)
}

func (e Env) showNotes(p *plan.Plan) {
	for _, n := range p.Notes {
		e.Sink(event.Note{Text: n})
	}
	if p.Empty() {
		e.Sink(event.Note{Text: "There is nothing to do"})
	}
}

// errDeclined ends a run whose plan the user did not agree to.
var errDeclined = errors.New("not confirmed, so nothing was changed")

// agree asks what a plan asks, unless the user has agreed to the same before.
func (a *attempt) agree(ctx context.Context, questions []string) error {
	all := strings.Join(questions, "\n")
	if all == a.agreed {
		return nil
	}
	yes, err := a.ask(ctx, a.confirmed, all+"\nGo on?")
	if err != nil {
		return err
	}
	if !yes {
		return errDeclined
	}
	a.agreed = all
	return nil
}

// walker carries out plans under the lease of the run.
func (l leased) walker(around aroundBatch) *apply.Walker {
	wait := deploy.WorkWait(l.Scope)
	call := func(name string) func(context.Context, []string) error {
		return func(ctx context.Context, hosts []string) error { return l.hookOn(ctx, name, hosts) }
	}
	return &apply.Walker{
		Fleet: l.Fleet, Sink: l.Sink, Prelude: l.prelude(),
		Guard:   lock.Guard(l.token(), wait),
		Settle:  lock.Guard("", wait),
		Ready:   docker.AwaitDocker.Call("30"),
		Primary: l.Scope.PrimaryRole,
		Before:  call(around.before),
		After:   call(around.after),
		SaveLog: l.SaveLog,
		Wait:    l.Scope.Project.Boot.Wait,
		Grace:   wait,
	}
}
