// Package workflow holds what each command does from beginning to end: deploy, rollback, setup,
// accessories, the proxy. A workflow asks for facts, plans, and has the plan carried out.
package workflow

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/accessory"
	"mrsk/internal/apply"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/fleet"
	"mrsk/internal/hook"
	"mrsk/internal/lock"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/server"
)

// Run is one invocation of a command that works on hosts.
type Run struct {
	Scope     *config.Scope // narrowed to the roles and hosts of the run, secrets filled in
	Version   string
	Fleet     *fleet.Fleet
	Hooks     *hook.Runner
	Sink      event.Sink
	Command   string // what the user typed, such as "app boot"
	Performer string // for the audit log
	// Joined is the token of the lease of a command that runs this one from a hook; "" takes a
	// lease of its own.
	Joined string
	RunURL string // page of the CI run, "" without one
	// Confirm asks the user a question of a plan; where the answer is no, nothing is done.
	Confirm func(ctx context.Context, question string) (yes bool, err error)
	// LockWait is for runs that stand in line for the lease.
	LockWait lock.Wait
	Token    string // unique to the run
	Now      func() time.Time
	// Changing is called before the run changes anything; it may be called more than once.
	Changing func()
	SaveLog  func(host, step string, log []byte) (path string, err error)
	// WithAccessories makes the run look at the accessories, too; Files is what those hold that it
	// may start.
	WithAccessories bool
	Files           accessory.Files
	// WithFormer makes the run look for proxies of other tools, too.
	WithFormer bool
	// WithNetwork makes the run ask for the network, which may be there with nothing on it.
	WithNetwork bool
	// WithLocks makes the run look at who has the locks, too.
	WithLocks bool

	locked bool
	agreed string // questions that the user has said yes to

	once     sync.Once
	observed *observe.Observer
}

// want is what the run has to know of its hosts.
func (r *Run) want() observe.Want {
	return observe.Want{Accessories: r.WithAccessories, Former: r.WithFormer, Network: r.WithNetwork, Locks: r.WithLocks}
}

func (r *Run) observer() *observe.Observer {
	r.once.Do(func() {
		r.observed = observe.New(observe.Options{Scope: r.Scope, Fleet: r.Fleet, Prelude: r.prelude(), Sink: r.Sink})
	})
	return r.observed
}

// Observe asks hosts for facts.
func (r *Run) Observe(ctx context.Context, hosts []string) (map[string]facts.Host, error) {
	return r.observer().Facts(ctx, hosts, r.want())
}

// prelude sets the variables of this run that shell functions read.
func (r *Run) prelude() string { return server.Prelude(r.Scope.Project, r.Performer) }

// vars is what hooks are told at this moment.
func (r *Run) vars(hosts []string) hook.Vars {
	v := hook.Vars{Version: r.Version, Hosts: hosts, Locked: r.locked}
	if r.locked {
		v.LockToken = r.token()
	}
	return v
}

func (r *Run) hook(ctx context.Context, name string) error {
	return r.Hooks.Run(ctx, name, r.vars(r.Scope.Hosts()))
}

// token is that of the lease under which the run works.
func (r *Run) token() string {
	if r.Joined != "" {
		return r.Joined
	}
	return r.Token
}

// WithLease runs work while the run holds the lease on hosts.
func (r *Run) WithLease(ctx context.Context, hosts []string, work func(context.Context) error) error {
	return r.withLease(ctx, hosts, nothing, work)
}

// withLease is WithLease; what needs no lease is done while it is taken.
func (r *Run) withLease(ctx context.Context, hosts []string, meanwhile, work func(context.Context) error) error {
	r.Changing()
	both, ctx2 := errgroup.WithContext(ctx)
	release := func() {}
	both.Go(func() (err error) {
		release, err = r.take(ctx2, hosts)
		return err
	})
	both.Go(func() error { return meanwhile(ctx2) })
	if err := both.Wait(); err != nil {
		release()
		return err
	}
	r.locked = true
	defer func() {
		r.locked = false
		release()
	}()
	return work(ctx)
}

func (r *Run) take(ctx context.Context, hosts []string) (release func(), err error) {
	if r.Joined != "" {
		return func() {}, nil
	}
	lease, err := lock.Take(ctx, lock.Request{
		Fleet: r.Fleet, Hosts: hosts, Prelude: r.prelude(),
		Record: r.record(), Sink: r.Sink, Wait: r.LockWait,
	})
	if err != nil {
		return func() {}, err
	}
	return func() { lease.Release(ctx) }, nil
}

func (r *Run) record() lock.Record {
	return lock.Record{
		Who: r.Performer, Since: r.Now(), Version: r.Version, Command: r.Command, Run: r.RunURL, Holder: lock.HolderOf(r.Token),
	}
}

// walker carries plans through as this run.
func (r *Run) walker() *apply.Walker {
	wait := deploy.WorkWait(r.Scope)
	return &apply.Walker{
		Fleet: r.Fleet, Sink: r.Sink, Prelude: r.prelude(),
		Guard:   lock.Guard(r.token(), wait),
		Settle:  lock.Guard("", wait),
		Ready:   docker.AwaitDocker.Call("30"),
		Primary: r.Scope.PrimaryRole,
		SaveLog: r.SaveLog,
		Wait:    r.Scope.Project.Boot.Wait,
		Grace:   wait,
		Before: func(ctx context.Context, hosts []string) error {
			return r.Hooks.Run(ctx, hook.PreAppBoot, r.vars(hosts))
		},
		After: func(ctx context.Context, hosts []string) error {
			return r.Hooks.Run(ctx, hook.PostAppBoot, r.vars(hosts))
		},
	}
}

// Planner makes a plan of what was seen.
type Planner func(map[string]facts.Host) (*plan.Plan, error)

// Change takes the lease on hosts, looks at them, plans and carries the plan through.
func (r *Run) Change(ctx context.Context, hosts []string, make Planner) error {
	return r.WithLease(ctx, hosts, func(ctx context.Context) error {
		return r.change(ctx, hosts, make)
	})
}

// change looks, plans and walks. When a host was changed by somebody else between the look and
// the first step, it starts over, once.
func (r *Run) change(ctx context.Context, hosts []string, make Planner) error {
	return r.changeAs(ctx, r.walker(), hosts, make)
}

func (r *Run) changeAs(ctx context.Context, w *apply.Walker, hosts []string, make Planner) error {
	err := r.attempt(ctx, w, hosts, make)
	if drifted(err) {
		r.observer().Forget()
		r.Sink(event.Note{Text: "A host has changed since it was looked at; planning anew"})
		err = r.attempt(ctx, w, hosts, make)
	}
	return err
}

func (r *Run) attempt(ctx context.Context, w *apply.Walker, hosts []string, make Planner) error {
	seen, err := r.Observe(ctx, hosts)
	if err != nil {
		return err
	}
	p, err := make(seen)
	if err != nil {
		return err
	}
	r.tell(p)
	if err := r.agree(ctx, p.Questions); err != nil {
		return err
	}
	return w.Walk(ctx, p)
}

// errDeclined ends a run whose plan the user did not agree to.
var errDeclined = errors.New("not confirmed, so nothing was changed")

// agree asks what a plan asks, unless the user has agreed to the same before.
func (r *Run) agree(ctx context.Context, questions []string) error {
	all := strings.Join(questions, "\n")
	if all == r.agreed {
		return nil
	}
	if r.Confirm == nil {
		return errDeclined
	}
	yes, err := r.Confirm(ctx, all+"\nGo on?")
	if err != nil {
		return err
	}
	if !yes {
		return errDeclined
	}
	r.agreed = all
	return nil
}

// tell says what a reader of the plan would have been told.
func (r *Run) tell(p *plan.Plan) {
	for _, n := range p.Notes {
		r.Sink(event.Note{Text: n})
	}
	if p.Empty() {
		r.Sink(event.Note{Text: "There is nothing to do"})
	}
}

func drifted(err error) bool {
	var failed *script.StepError
	return errors.As(err, &failed) && failed.Means(script.Drifted)
}

// Plan looks at hosts and returns what would be done, doing none of it.
func (r *Run) Plan(ctx context.Context, hosts []string, make Planner) (*plan.Plan, error) {
	seen, err := r.Observe(ctx, hosts)
	if err != nil {
		return nil, err
	}
	return make(seen)
}
