package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/git"
	"mrsk/internal/hook"
	"mrsk/internal/local"
	"mrsk/internal/redact"
)

// begin runs the hook pre-command, once it is known what the command is about. The hook
// post-command follows, however the command ends.
func (in *invocation) begin(cmd *cobra.Command, c *config.Scope, version string) error {
	ctx := cmd.Context()
	in.record = in.recorder(cmd, c.Project, version)
	in.hooks = in.hookRunner(cmd, c)
	vars := hook.Vars{Version: version, Hosts: c.Hosts()}
	if err := in.hooks.Run(ctx, hook.PreCommand, vars); err != nil {
		return err
	}
	in.end = func() error { return in.hooks.Run(context.WithoutCancel(ctx), hook.PostCommand, vars) }
	return nil
}

func (in *invocation) hookRunner(cmd *cobra.Command, c *config.Scope) *hook.Runner {
	command, subcommand, _ := strings.Cut(in.commandName(cmd), " ")
	return hook.New(hook.Options{
		Folders: hook.Folders{Project: in.sys.Dir, HooksPath: c.Project.HooksPath, Home: in.sys.Home},
		Facts: hook.Facts{
			Service: c.Project.Service, Destination: c.Project.Destination,
			Performer: func() string { return in.performer(cmd.Context()) },
			Command:   command, Subcommand: subcommand, Roles: in.roleNames(c),
		},
		Secrets: func(ctx context.Context) (map[string]redact.String, error) { return in.allSecrets(ctx, c.Project) },
		More:    in.kamalForHooks,
		Environ: in.sys.Environ, Skip: in.globals.skipHooks, Events: in.sink(), Now: in.sys.Now,
		Output: func(name string) hook.Output { return hook.Output(c.Project.HooksOutput.Of(name)) },
	})
}

// performer is who runs the command.
func (in *invocation) performer(ctx context.Context) string {
	if in.who == "" {
		in.who = git.Whoami(ctx, local.Git, in.sys.Dir).Performer(local.User())
	}
	return in.who
}

// roleNames are told to hooks only when roles were chosen.
func (in *invocation) roleNames(c *config.Scope) []string {
	if len(in.globals.roles) == 0 {
		return nil
	}
	var names []string
	for _, r := range c.Roles {
		names = append(names, r.Name)
	}
	return names
}
