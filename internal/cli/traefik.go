package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/workflow"
)

func (in *invocation) traefikGroup() *cobra.Command {
	c := group("traefik", "Manage the proxy, one Traefik per host, shared by all apps there",
		in.traefikBootCommand(),
		spelledOut(in.traefikRebootCommand()),
		in.traefikStartCommand(),
		in.traefikStopCommand(),
		in.traefikRestartCommand(),
		in.traefikDetailsCommand(),
		in.traefikCertificatesCommand(),
		in.traefikLogsCommand(),
		spelledOut(in.traefikRemoveCommand()),
		spelledOut(in.upgradeCommand("mrsk traefik upgrade")),
	)
	c.Aliases = []string{"proxy"}
	c.Long = "Manage the proxy: one Traefik per host, shared by all apps there.\n\nmrsk proxy is the same group."
	return c
}

// startsProxies is look for commands that may start proxies, with the secrets of those.
func (in *invocation) startsProxies(cmd *cobra.Command) (*workflow.Run, error) {
	r, err := in.look(cmd)
	if err != nil {
		return nil, err
	}
	r.Scope, err = in.resolved(r.Scope, (*config.Scope).ResolveProxies, in.secrets(cmd.Context(), r.Scope.Project).Get)
	return r, err
}

// changeProxy carries a change of the proxies through.
func (in *invocation) changeProxy(cmd *cobra.Command, make func(deploy.Proxy) (*plan.Plan, error)) error {
	r, err := in.look(cmd)
	if err != nil {
		return err
	}
	return changeProxies(cmd.Context(), r, make)
}

func changeProxies(ctx context.Context, r *workflow.Run, make func(deploy.Proxy) (*plan.Plan, error)) error {
	hosts := r.Scope.ProxyHosts()
	return r.Change(ctx, hosts, func(seen map[string]facts.Host) (*plan.Plan, error) {
		return make(deploy.Proxy{Scope: r.Scope, Hosts: hosts, Facts: seen})
	})
}
