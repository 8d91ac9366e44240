package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// UpgradeProxies replaces the proxy of another tool, such as kamal-proxy, by mrsk's. It changes all
// hosts at once, and rolls all of them back if one fails; with o.Rolling it changes one host after the
// other. The hooks of a proxy reboot run around each batch of hosts. It asks first, unless confirmed.
func UpgradeProxies(ctx context.Context, env Env, o ReplaceProxyOptions) error {
	yes, err := env.ask(ctx, o.Confirmed, "Upgrade the proxy? Hosts may refuse new connections for a moment.")
	if err != nil || !yes {
		return err
	}
	hosts := env.Scope.Hosts()
	return env.withLease(ctx, hosts, noWork, func(ctx context.Context, l leased) error {
		if o.Rolling { // fail before the first host changes if a later host cannot be upgraded
			if _, _, err := l.plan(ctx, upgradeChange(env, hosts)); err != nil {
				return err
			}
		}
		upgraded := false
		for _, batch := range o.batches(hosts) {
			done, err := l.applyChange(ctx, upgradeChange(env, batch))
			if err != nil {
				return err
			}
			upgraded = upgraded || done.changed
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
			return deploy.UpgradeProxies(deploy.Upgrade{Scope: env.Scope, Secrets: env.Secrets, Hosts: hosts, Facts: seen, Now: env.Now()})
		},
	}
}
