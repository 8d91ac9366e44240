package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func traefikGroup(p *program) *cobra.Command {
	c := group("traefik", "Manage the proxy, one Traefik per host, shared by all apps there",
		traefikBootCommand(p),
		spelledOut(traefikRebootCommand(p)),
		traefikStartCommand(p),
		traefikStopCommand(p),
		traefikRestartCommand(p),
		traefikDetailsCommand(p),
		traefikCertificatesCommand(p),
		traefikLogsCommand(p),
		spelledOut(traefikRemoveCommand(p)),
		spelledOut(upgradeCommand(p, "mrsk traefik upgrade")),
	)
	c.Aliases = []string{"proxy"}
	c.Long = "Manage the proxy: one Traefik per host, shared by all apps there.\n\nmrsk proxy is the same group."
	return c
}

// startsProxies is look for commands that may start proxies, with the secrets of those.
func startsProxies(p *program, cmd *cobra.Command) (workflow.Env, error) {
	r, err := p.opener.look(cmd)
	if err != nil {
		return r, err
	}
	r.Scope, err = p.opener.resolved(r.Scope, (*config.Scope).ResolveProxies, p.secrets.of(cmd.Context(), r.Scope.Project).Get)
	return r, err
}
