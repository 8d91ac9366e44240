package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// UpgradeProxies replaces the proxy of another tool by mrsk's: on all hosts at once, where one that
// fails rolls all of them back, or on one after the other. It asks first, unless confirmed. The
// hooks of a proxy reboot run around each batch of hosts.
func UpgradeProxies(ctx context.Context, env Env, o ReplaceProxyOptions) error {
	yes, err := env.ask(ctx, o.Confirmed, "Upgrade the proxy? Where new connections cannot be led past the change, hosts refuse them for a moment.")
	if err != nil || !yes {
		return err
	}
	hosts := env.Scope.Hosts()
	return env.withLease(ctx, hosts, nothing, func(ctx context.Context, l leased) error {
		if o.Rolling { // an obstacle on one host is an error before another host changes
			if _, err := l.plan(ctx, upgradeChange(env, hosts)); err != nil {
				return err
			}
		}
		upgraded := false
		for _, batch := range o.batches(hosts) {
			changed, err := l.applyChange(ctx, upgradeChange(env, batch))
			if err != nil {
				return err
			}
			upgraded = upgraded || changed
		}
		if upgraded {
			l.tryToShareCertificates(ctx, certificateTimeout)
		}
		return nil
	})
}

func upgradeChange(env Env, hosts []string) change {
	return change{
		hosts: hosts, want: observe.Want{Accessories: true, Former: true}, around: aroundReboot,
		planner: func(seen map[string]facts.Host) (*plan.Plan, error) {
			return deploy.UpgradeProxies(deploy.Upgrade{Scope: env.Scope, Hosts: hosts, Facts: seen, Now: env.Now()})
		},
	}
}
