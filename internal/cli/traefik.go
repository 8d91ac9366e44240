package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
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
func (in *invocation) startsProxies(cmd *cobra.Command) (workflow.Env, error) {
	r, err := in.look(cmd)
	if err != nil {
		return r, err
	}
	r.Scope, err = in.resolved(r.Scope, (*config.Scope).ResolveProxies, in.secrets(cmd.Context(), r.Scope.Project).Get)
	return r, err
}
