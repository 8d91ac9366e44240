package workflow

import (
	"context"
	"slices"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/plan"
)

// BootProxies makes sure that the proxies run, and that they have the certificates that others
// have got for them.
func (r *Run) BootProxies(ctx context.Context) error {
	hosts := r.Scope.ProxyHosts()
	return r.WithLease(ctx, hosts, func(ctx context.Context) error {
		err := r.change(ctx, hosts, func(seen map[string]facts.Host) (*plan.Plan, error) {
			return deploy.BootProxy(deploy.Proxy{Scope: r.Scope, Hosts: hosts, Facts: seen}), nil
		})
		if err != nil {
			return err
		}
		r.shareAfter(ctx, 0)
		return nil
	})
}

// RebootProxies puts new proxy containers in the place of the old ones: on all hosts at once,
// or one host after the other. The hooks are told the hosts of each batch.
func (r *Run) RebootProxies(ctx context.Context, rolling bool) error {
	hosts := r.Scope.ProxyHosts()
	size := len(hosts)
	if rolling {
		size = 1
	}
	return r.WithLease(ctx, hosts, func(ctx context.Context) error {
		for batch := range slices.Chunk(hosts, max(size, 1)) {
			if err := r.rebootProxies(ctx, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Run) rebootProxies(ctx context.Context, hosts []string) error {
	if err := r.Hooks.Run(ctx, hook.PreProxyReboot, r.vars(hosts)); err != nil {
		return err
	}
	err := r.change(ctx, hosts, func(seen map[string]facts.Host) (*plan.Plan, error) {
		return deploy.RebootProxy(deploy.Proxy{Scope: r.Scope, Hosts: hosts, Facts: seen}), nil
	})
	if err != nil {
		return err
	}
	return r.Hooks.Run(ctx, hook.PostProxyReboot, r.vars(hosts))
}
