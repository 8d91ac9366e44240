package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func proxyGroup(p *program) *cobra.Command {
	c := group("proxy", "Manage the proxy, one Traefik per host, shared by all apps there",
		emits(p, proxyBootCommand(p)),
		spelledOut(emits(p, proxyRebootCommand(p))),
		emits(p, proxyStartCommand(p)),
		emits(p, proxyStopCommand(p)),
		emits(p, proxyRestartCommand(p)),
		proxyDetailsCommand(p),
		proxyCertificatesCommand(p),
		proxyLogsCommand(p),
		spelledOut(emits(p, proxyRemoveCommand(p))),
		spelledOut(emits(p, upgradeCommand(p, "mrsk proxy upgrade"))),
	)
	c.Aliases = []string{"traefik"}
	c.Long = "Manage the proxy: one Traefik per host, shared by all apps there."
	return c
}

// startsProxies makes a run for commands that may start proxies.
func startsProxies(p *program, cmd *cobra.Command) (workflow.Env, error) {
	return p.opener.start(cmd, needs{secrets: config.Needs{Proxies: true}})
}
