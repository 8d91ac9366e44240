package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/hook"
	"mrsk/internal/redact"
)

// begin runs the hook pre-command, once it is known what the command is about. The hook
// post-command follows, however the command ends.
func (o *opener) begin(cmd *cobra.Command, c *config.Scope, version string) error {
	ctx := cmd.Context()
	o.record = o.recorder(cmd, c.Project, version)
	o.hooks = o.hookRunner(cmd, c)
	o.about(ctx, c.Project, version)
	vars := hook.Vars{Version: version, Hosts: c.Hosts()}
	if err := o.hooks.Run(ctx, hook.PreCommand, vars); err != nil {
		return err
	}
	o.end = func() error { return o.hooks.Run(context.WithoutCancel(ctx), hook.PostCommand, vars) }
	return nil
}

func (o *opener) hookRunner(cmd *cobra.Command, c *config.Scope) *hook.Runner {
	command, subcommand, _ := strings.Cut(o.line.name(cmd), " ")
	return hook.New(hook.Options{
		Folders: hook.Folders{Project: o.sys.Dir, HooksPath: c.Project.HooksPath, Home: o.sys.Home},
		Facts: hook.Facts{
			Service: c.Project.Service, Destination: c.Project.Destination,
			Performer: func() string { return o.performer(cmd.Context()) },
			Command:   command, Subcommand: subcommand, Roles: o.roleNames(c),
		},
		Secrets: func(ctx context.Context) (map[string]redact.String, error) { return o.allSecrets(ctx, c.Project) },
		More:    o.hookVariables,
		Environ: o.sys.Environ, Skip: o.globals.skipHooks, Events: o.sink(), Now: o.sys.Now,
		Output: func(name string) hook.Output { return hook.Output(c.Project.HooksOutput.Of(name)) },
	})
}

// hookVariables are further variables of hooks.
func (o *opener) hookVariables() ([]string, error) {
	path, err := o.kamalForHooks()
	return append(path, o.trace.environ()...), err
}

// about tells the page and the trace what the command is about.
func (o *opener) about(ctx context.Context, c *config.Project, version string) {
	if o.page.file != "" {
		o.page.about(c, version, o.performer(ctx))
	}
	if o.trace != nil {
		o.trace.about(c, version, o.performer(ctx))
	}
}

// performer is who runs the command.
func (o *opener) performer(ctx context.Context) string {
	if o.who == "" {
		o.who = checkout{console: o.console, dir: o.sys.Dir}.performer(ctx)
	}
	return o.who
}

// roleNames are told to hooks only when roles were chosen.
func (o *opener) roleNames(c *config.Scope) []string {
	if len(o.globals.roles) == 0 {
		return nil
	}
	var names []string
	for _, r := range c.Roles {
		names = append(names, r.Name)
	}
	return names
}
