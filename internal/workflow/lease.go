package workflow

import (
	"context"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/hook"
	"mrsk/internal/lock"
)

// leased is the environment of a run that holds the lease. Only such a run changes hosts.
type leased struct{ Env }

// withLease runs work while the run holds the lease on hosts. The context of work ends when the
// lease is lost. What needs no lease, such as pulling images, runs meanwhile: beside the wait for
// the lease.
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

// nothing is for workflows that have nothing to do while the lease is taken.
func nothing(context.Context) error { return nil }

// takeLease returns nil for a run that has joined the lease of another.
func (e Env) takeLease(ctx context.Context, hosts []string) (*lock.Lease, error) {
	if e.Lock.Joined != "" {
		return nil, nil
	}
	return lock.Take(ctx, lock.Request{
		Fleet: e.Fleet, Hosts: hosts, Prelude: e.prelude(),
		Record: e.record(), Sink: e.Sink, Wait: e.Lock.Wait,
	})
}

// record is what other runs are told about the holder of the lease.
func (e Env) record() lock.Record {
	return lock.Record{
		Who: e.Identity.Performer, Since: e.Now(), Version: e.Version, Command: e.Identity.Command,
		Run: e.Identity.RunURL, Holder: lock.HolderOf(e.Identity.Token),
	}
}

// vars is what hooks are told under the lease: a command that they run can join it.
func (l leased) vars(hosts []string) hook.Vars {
	v := l.Env.vars(hosts)
	v.Locked, v.LockToken = true, l.token()
	return v
}

// hook runs a hook about all hosts of the run.
func (l leased) hook(ctx context.Context, name string) error {
	return l.hookOn(ctx, name, l.Scope.Hosts())
}

// hookOn runs a hook about some hosts.
func (l leased) hookOn(ctx context.Context, name string, hosts []string) error {
	return l.Hooks.Run(ctx, name, l.vars(hosts))
}
