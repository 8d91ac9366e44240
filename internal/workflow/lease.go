package workflow

import (
	"context"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/hook"
	"mrsk/internal/lock"
)

// leased is the environment of a run that holds the lease. Methods that change hosts exist only here,
// so code without the lease cannot call them.
type leased struct{ Env }

// withLease takes the lease on hosts, runs work, and releases the lease. The context of work ends if
// the lease is lost. meanwhile runs while withLease waits for the lease: it does what needs no lease,
// such as pulling images.
func (e Env) withLease(ctx context.Context, hosts []string, meanwhile func(context.Context) error, work func(context.Context, leased) error) error {
	e.Changing()
	var lease *lock.Lease
	both, bothCtx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		lease, err = e.takeLease(bothCtx, hosts)
		return err
	})
	both.Go(func() error { return meanwhile(bothCtx) })
	err := both.Wait()
	if lease != nil {
		defer lease.Release(ctx)
		ctx = lease.Context(ctx)
	}
	if err != nil {
		return err
	}
	return work(ctx, leased{e})
}

// noWork is the meanwhile of workflows that pull no images.
func noWork(context.Context) error { return nil }

// takeLease takes a lease. It returns nil if the run has joined the lease of another.
func (e Env) takeLease(ctx context.Context, hosts []string) (*lock.Lease, error) {
	if e.Lock.Joined != "" {
		return nil, nil
	}
	return lock.Take(ctx, lock.Request{
		Fleet: e.Fleet, Hosts: hosts, Prelude: e.prelude(),
		Record: e.record(), Sink: e.Sink, Wait: e.Lock.Wait,
	})
}

// record describes this run to others that find the lease held.
func (e Env) record() lock.Record {
	return lock.Record{
		Who: e.Identity.Performer, Since: e.Now(), Version: e.Version, Command: e.Identity.Command,
		Run: e.Identity.RunURL, Holder: lock.HolderOf(e.Identity.Token),
	}
}

// vars returns the variables of hooks that run under the lease. The lock token lets a command that a
// hook starts join the lease.
func (l leased) vars(hosts []string) hook.Vars {
	v := l.Env.vars(hosts)
	v.Locked, v.LockToken = true, l.token()
	return v
}

// hook runs a hook with all hosts of the run in MRSK_HOSTS.
func (l leased) hook(ctx context.Context, name string) error {
	return l.hookOn(ctx, name, l.Scope.Hosts())
}

// hookOn runs a hook with hosts in MRSK_HOSTS.
func (l leased) hookOn(ctx context.Context, name string, hosts []string) error {
	return l.Hooks.Run(ctx, name, l.vars(hosts))
}
