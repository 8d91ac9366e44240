package workflow

import (
	"context"
	"slices"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
)

// BootProxies starts the proxies that do not run, and copies to them the certificates that the first
// host of a role has obtained.
func BootProxies(ctx context.Context, env Env) error {
	hosts := env.Scope.ProxyHosts()
	return env.withLease(ctx, hosts, noWork, func(ctx context.Context, l leased) error {
		if err := l.change(ctx, proxyChange(env, hosts, always(deploy.BootProxy))); err != nil {
			return err
		}
		l.tryToShareCertificates(ctx, 0)
		return nil
	})
}

// StartProxies starts the containers of the proxies that have stopped.
func StartProxies(ctx context.Context, env Env) error {
	return changeHosts(ctx, env, proxyChange(env, env.Scope.ProxyHosts(), deploy.StartProxy))
}

// StopProxies stops the proxies, for all apps of a host.
func StopProxies(ctx context.Context, env Env) error {
	return changeHosts(ctx, env, proxyChange(env, env.Scope.ProxyHosts(), always(deploy.StopProxy)))
}

// RestartProxies stops the containers of the proxies and starts the same ones again.
func RestartProxies(ctx context.Context, env Env) error {
	return changeHosts(ctx, env, proxyChange(env, env.Scope.ProxyHosts(), deploy.RestartProxy))
}

// RemoveProxies removes the proxies. Without force it fails on hosts that have apps behind the proxy.
func RemoveProxies(ctx context.Context, env Env, force bool) error {
	c := proxyChange(env, env.Scope.ProxyHosts(), always(func(p deploy.Proxy) *plan.Plan { return deploy.RemoveProxy(p, force) }))
	c.want = observe.Want{Network: true}
	return changeHosts(ctx, env, c)
}

// ReplaceProxyOptions are the options of RebootProxies and UpgradeProxies.
type ReplaceProxyOptions struct {
	Rolling   bool // one host after the other, instead of all at once
	Confirmed bool // go on without asking
}

// batches splits hosts into groups that are changed together.
func (o ReplaceProxyOptions) batches(hosts []string) [][]string {
	size := len(hosts)
	if o.Rolling {
		size = 1
	}
	return slices.Collect(slices.Chunk(hosts, max(size, 1)))
}

// RebootProxies replaces the containers of the proxies. It asks first, unless confirmed. The hooks
// run around each batch of hosts.
func RebootProxies(ctx context.Context, env Env, o ReplaceProxyOptions) error {
	yes, err := env.ask(ctx, o.Confirmed, "Reboot the proxy? It is down for a moment, for all apps of a host.")
	if err != nil || !yes {
		return err
	}
	hosts := env.Scope.ProxyHosts()
	return env.withLease(ctx, hosts, noWork, func(ctx context.Context, l leased) error {
		for _, batch := range o.batches(hosts) {
			if err := l.rebootProxies(ctx, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l leased) rebootProxies(ctx context.Context, hosts []string) error {
	if err := l.hookOn(ctx, hook.PreProxyReboot, hosts); err != nil {
		return err
	}
	if err := l.change(ctx, proxyChange(l.Env, hosts, always(deploy.RebootProxy))); err != nil {
		return err
	}
	return l.hookOn(ctx, hook.PostProxyReboot, hosts)
}

func proxyChange(env Env, hosts []string, makePlan func(deploy.Proxy) (*plan.Plan, error)) change {
	return change{hosts: hosts, planner: func(seen map[string]facts.Host) (*plan.Plan, error) {
		return makePlan(deploy.Proxy{Scope: env.Scope, Secrets: env.Secrets, Hosts: hosts, Facts: seen})
	}}
}
