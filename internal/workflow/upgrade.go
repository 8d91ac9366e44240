package workflow

import (
	"context"
	"slices"

	"mrsk/internal/apply"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/plan"
)

// UpgradeProxies puts mrsk's proxy in the place of that of another tool of the family: on all
// hosts at once, where one that fails takes all of them back, or on one after the other. The
// hooks of a reboot are told the hosts of each batch.
func (r *Run) UpgradeProxies(ctx context.Context, rolling bool) error {
	r.WithAccessories, r.WithFormer = true, true
	hosts := r.Scope.Hosts()
	size := len(hosts)
	if rolling {
		size = 1
	}
	var changes bool
	return r.WithLease(ctx, hosts, func(ctx context.Context) error {
		if rolling { // what stands against one host is told before anything is done on another
			if _, err := r.Plan(ctx, hosts, r.upgrade(hosts, &changes)); err != nil {
				return err
			}
		}
		for batch := range slices.Chunk(hosts, max(size, 1)) {
			if err := r.changeAs(ctx, r.upgrader(), batch, r.upgrade(batch, &changes)); err != nil {
				return err
			}
		}
		if changes {
			r.shareAfter(ctx, certificateWait)
		}
		return nil
	})
}

// upgrade plans for hosts, and notes whether there is something to change.
func (r *Run) upgrade(hosts []string, changes *bool) Planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		p, err := deploy.UpgradeProxies(deploy.Upgrade{Scope: r.Scope, Hosts: hosts, Facts: seen, Now: r.Now()})
		*changes = *changes || err == nil && !p.Empty()
		return p, err
	}
}

// upgrader is the walker with the hooks of a proxy in the place of those of an app.
func (r *Run) upgrader() *apply.Walker {
	w := r.walker()
	w.Before = func(ctx context.Context, hosts []string) error {
		return r.Hooks.Run(ctx, hook.PreProxyReboot, r.vars(hosts))
	}
	w.After = func(ctx context.Context, hosts []string) error {
		return r.Hooks.Run(ctx, hook.PostProxyReboot, r.vars(hosts))
	}
	return w
}
