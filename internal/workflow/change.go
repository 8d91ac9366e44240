package workflow

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

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
	"mrsk/internal/server"
)

// planner computes a plan from the facts of hosts, by host name.
type planner func(map[string]facts.Host) (*plan.Plan, error)

// change describes a change of hosts: the facts that it needs, and how to plan it.
type change struct {
	hosts     []string // that are locked and observed
	about     []string // those of hosts that are to change, nil if all are
	want      observe.Want
	planner   planner
	around    aroundBatch
	work      event.Work // as it was announced, zero if it was not
	version   string     // that it brings to the hosts, "" if none
	ask       bool       // show what the plan changes, and ask, also if the plan has no questions (--confirm)
	confirmed bool       // answer yes to the questions of the plan (-y)
}

// changed returns the hosts that are to change.
func (c change) changed() []string {
	if c.about == nil {
		return c.hosts
	}
	return c.about
}

// aroundBatch names the hooks that run before and after each batch of hosts.
type aroundBatch struct{ before, after string }

var (
	aroundBoot   = aroundBatch{hook.PreAppBoot, hook.PostAppBoot}
	aroundReboot = aroundBatch{hook.PreProxyReboot, hook.PostProxyReboot}
)

// changeHosts carries out a change under the lease.
func changeHosts(ctx context.Context, env Env, c change) error {
	return env.withLease(ctx, c.hosts, noWork, func(ctx context.Context, l leased) error { return l.change(ctx, c) })
}

// change carries out a change.
func (l leased) change(ctx context.Context, c change) error {
	_, err := l.applyChange(ctx, c)
	return err
}

// applied is what is known of a change that has been carried out, or has failed.
type applied struct {
	before  map[string]facts.Host // what was observed, nil if nothing was
	began   bool                  // work on the hosts began
	changed bool                  // there was something to do
}

// applyChange carries out a change. If a host has changed since it was observed, applyChange plans and
// applies once more.
func (l leased) applyChange(ctx context.Context, c change) (applied, error) {
	a := attempt{leased: l, change: c, walker: l.walker(c)}
	done, err := a.run(ctx)
	if !drifted(err) || !undone(err) {
		return done, err
	}
	l.Observer.Forget()
	l.Sink(event.Note{Text: "A host has changed since it was checked; planning again"})
	second, secondErr := a.run(ctx)
	second.began, second.changed = second.began || done.began, second.changed || done.changed
	return second, afterRollback(err, secondErr)
}

// undone reports whether no host is left with a part of an attempt that failed with err.
func undone(err error) bool {
	var back *apply.RolledBackError
	return !errors.As(err, &back) || len(back.NotUndone) == 0
}

// afterRollback returns the error of a second attempt. If the first one was rolled back and the second failed
// before it started, the hosts have been rolled back.
func afterRollback(first, second error) error {
	back := new(*apply.RolledBackError)
	if second == nil || !errors.As(first, back) || errors.As(second, back) {
		return second
	}
	return &apply.RolledBackError{Err: second}
}

// attempt runs a change, once or twice. The second run does not repeat the questions of the first, and
// the walker keeps what it does only once.
type attempt struct {
	leased
	change
	walker *apply.Walker
	agreed string // the questions to which the user has answered yes
}

// run observes the hosts, plans, asks the questions of the plan, and applies the plan.
func (a *attempt) run(ctx context.Context) (done applied, err error) {
	p, seen, err := a.leased.plan(ctx, a.change)
	done.before = seen
	if err != nil {
		return done, err
	}
	a.showNotes(p)
	if err := a.agree(ctx, a.question(ctx, p)); err != nil {
		return done, err
	}
	done.began, done.changed = true, !p.Empty()
	if done.changed {
		a.Sink(a.announced(p, seen))
	}
	return done, a.walker.Walk(ctx, p)
}

// announced returns what is announced of a change that is planned.
func (a *attempt) announced(p *plan.Plan, seen map[string]facts.Host) event.Work {
	w := a.work
	if w.Doing == "" {
		first, size := utf8.DecodeRuneInString(p.Title)
		return event.Work{Doing: string(unicode.ToUpper(first)) + p.Title[size:], Hosts: a.change.changed()}
	}
	for _, r := range deploy.Running(a.Scope, seen) {
		if r.Version != "" && r.Version != w.Version {
			w.Was = append(w.Was, r.Version)
		}
	}
	return w
}

// plan observes the hosts and plans. It returns what it observed also if no plan can be made from it.
func (e Env) plan(ctx context.Context, c change) (p *plan.Plan, seen map[string]facts.Host, err error) {
	if seen, err = e.Observer.Facts(ctx, c.hosts, c.want); err != nil {
		return nil, nil, err
	}
	p, err = c.planner(seen)
	return p, seen, err
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

// errDeclined reports that the user answered no to the questions of the plan.
var errDeclined = errors.New("not confirmed, so the plan was not carried out")

// question returns what the user has to agree to before the plan is carried out, "" if there is nothing.
func (a *attempt) question(ctx context.Context, p *plan.Plan) string {
	questions := strings.Join(p.Questions, "\n")
	if !a.change.ask {
		return questions
	}
	a.addCommits(ctx, p)
	return p.Summary() + questions
}

// agree asks the question, unless the user has already answered yes to the same one.
func (a *attempt) agree(ctx context.Context, question string) error {
	if question == a.agreed {
		return nil
	}
	yes, err := a.leased.ask(ctx, a.confirmed, strings.TrimSpace(question)+"\nGo on?")
	if err != nil {
		return err
	}
	if !yes {
		return errDeclined
	}
	a.agreed = question
	return nil
}

// walker returns a walker that applies plans under the lease of the run.
func (l leased) walker(c change) *apply.Walker {
	wait := deploy.WorkWait(l.Scope)
	call := func(name string) func(context.Context, []string) error {
		return func(ctx context.Context, hosts []string) error { return l.hookOn(ctx, name, hosts) }
	}
	return &apply.Walker{
		Fleet: l.Fleet, Sink: l.Sink,
		Prelude: l.prelude() + server.AuditRun(l.Identity.Command, c.version, l.Identity.Token),
		Guard:   lock.Guard(l.token(), wait),
		Settle:  lock.Guard("", wait),
		Ready:   docker.AwaitDocker.Call("30"),
		Primary: l.Scope.PrimaryRole,
		Before:  call(c.around.before),
		After:   call(c.around.after),
		SaveLog: l.SaveLog,
		Wait:    l.Scope.Project.Boot.Wait,
		Grace:   wait,
	}
}
