package simulation

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"mrsk/internal/apply"
	"mrsk/internal/deploy"
	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/fleet"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

// operator is a run of mrsk against the world.
type operator struct {
	w     *World
	name  string
	links map[string]*link
	fleet *fleet.Fleet

	atGate     func() // called when a gate opens
	gate       string // before the commit of the plan at hand
	committing bool   // the commit has begun

	// What a mutation takes away, to see that the simulation notices:
	mutate  func(*plan.Plan)
	noLease bool
	noGuard bool
}

func newOperator(w *World, name string, random *rand.Rand) *operator {
	o := &operator{w: w, name: name, links: map[string]*link{}, atGate: func() {}}
	for _, h := range w.hosts {
		o.links[h.name] = &link{
			host: h, random: rand.New(rand.NewPCG(random.Uint64(), 1)),
			slow: time.Millisecond << random.IntN(9), // up to a quarter of a second
		}
	}
	o.fleet = fleet.New(fleet.Options{
		Hosts: w.scope.AppHosts(),
		Dial:  func(_ context.Context, host string) (remote.Host, error) { return o.links[host], nil },
	})
	return o
}

// die is what hosts see of an operator whose process is killed.
func (o *operator) die(reset bool) {
	for _, l := range o.links {
		l.cut(reset)
	}
}

// deploy does what workflow does of a deploy of an image that is on the hosts.
func (o *operator) deploy(ctx context.Context, version string) error {
	if !o.noLease {
		lease, err := o.lease(ctx, version)
		if err != nil {
			return err
		}
		defer lease.Release(ctx)
		ctx = lease.Context(ctx)
	}
	w := o.walker()
	err := o.attempt(ctx, w, version)
	var failed *script.StepError
	if errors.As(err, &failed) && failed.Means(script.Drifted) {
		err = o.attempt(ctx, w, version)
	}
	return err
}

func (o *operator) lease(ctx context.Context, version string) (*lock.Lease, error) {
	return lock.Take(ctx, lock.Request{
		Fleet: o.fleet, Hosts: o.w.scope.AppHosts(), Prelude: server.Prelude(o.w.scope.Project, o.name), Sink: o.tell,
		Record: lock.Record{Who: o.name, Since: time.Now(), Version: version, Holder: lock.HolderOf(o.name)},
	})
}

func (o *operator) walker() *apply.Walker {
	wait, token := deploy.WorkWait(o.w.scope), o.name
	if o.noLease {
		token = ""
	}
	w := &apply.Walker{
		Fleet: o.fleet, Sink: o.tell, Prelude: server.Prelude(o.w.scope.Project, o.name), Primary: o.w.scope.PrimaryRole, Grace: wait,
		Guard: lock.Guard(token, wait), Settle: lock.Guard("", wait), Ready: docker.AwaitDocker.Call("30"),
		SaveLog: func(string, string, []byte) (string, error) { return "log", nil },
	}
	if o.noGuard {
		w.Guard, w.Settle = nil, nil
	}
	return w
}

func (o *operator) attempt(ctx context.Context, w *apply.Walker, version string) error {
	p, err := o.plan(ctx, version)
	if err != nil {
		return err
	}
	o.gate = commitGate(p)
	if o.mutate != nil {
		o.mutate(p)
	}
	return w.Walk(ctx, p)
}

// plan looks at the hosts and plans.
func (o *operator) plan(ctx context.Context, version string) (*plan.Plan, error) {
	seen := map[string]facts.Host{}
	look := script.Script{Steps: []script.Step{{Name: "look", Run: shell.Cmd("look"), VerboseOnly: true}}}
	err := o.fleet.Each(ctx, o.w.scope.AppHosts(), func(ctx context.Context, h remote.Host) error {
		_, err := look.Run(ctx, h, o.tell)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, h := range o.w.hosts {
		h.mu.Lock()
		seen[h.name] = h.seen
		h.mu.Unlock()
	}
	return deploy.Rollout(deploy.Request{
		Scope: o.w.scope, Verb: "deploy", Version: version, Token: o.name, Facts: seen, Prune: true,
	})
}

// commitGate is what the run says when the commit begins.
func commitGate(p *plan.Plan) string {
	for _, phase := range p.Phases {
		for _, s := range phase.Hosts[0].Stages {
			if s.Commit {
				return s.Gate
			}
		}
	}
	return ""
}

// tell puts the events of a run into the story.
func (o *operator) tell(e event.Event) {
	switch e := e.(type) {
	case event.Section:
		o.w.trace(o.name, "== %s", e.Text)
		o.committing = o.committing || e.Text == o.gate
		o.atGate()
	case event.Note:
		o.w.trace(o.name, "%s: note: %s", e.Host, e.Text)
	case event.Warning:
		o.w.trace(o.name, "%s: warning: %s", e.Host, e.Text)
	case event.Step:
		o.w.trace(o.name, "%s: %s %s %v", e.Host, e.State, e.Name, e.Err)
	}
}
