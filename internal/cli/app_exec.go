package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/workflow"
)

// appExec are the options of app exec.
type appExec struct {
	execFlags
	reuse, detach bool
	env           []string
}

func appExecCommand(p *program) *cobra.Command {
	var o appExec
	c := &cobra.Command{
		Use: "exec CMD...", Short: "Run a command in a container of the app",
		Long: `Run a command in a new container of the app, with the env, volumes and options of its role, or
with --reuse in the running container. It runs once for each selected role on each selected host;
with --interactive only on the primary host.

` + wordsHelp,
		Example: `  mrsk app exec --primary 'bin/rails db:version'
  mrsk app exec -i --reuse bash
  mrsk app exec --reuse --raw --primary cat db/dump.sql >dump.sql
  mrsk app exec -e DEBUG=1 -r workers -- bin/job --once`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(p, cmd, args) },
	}
	o.add(p, c)
	c.Flags().BoolVar(&o.reuse, "reuse", false, "run it in the running container instead of a new one")
	c.Flags().BoolVar(&o.detach, "detach", false, "leave the new container running, and print its id")
	c.Flags().StringArrayVarP(&o.env, "env", "e", nil, "set a variable, KEY=VALUE or KEY:VALUE; may be repeated")
	return c
}

func (o *appExec) run(p *program, cmd *cobra.Command, args []string) error {
	command, err := o.command(cmd, args)
	if err != nil {
		return err
	}
	env, err := o.check()
	if err != nil {
		return err
	}
	r, err := o.open(p, cmd)
	if err != nil {
		return err
	}
	e := execution{p: p, r: r, kind: "App", flags: o.execFlags, audit: "Executed " + command, line: func(t session.Target, tty bool) shell.Line {
		role, _ := r.Scope.Role(t.Role)
		return app.Exec{
			Scope: r.Scope, Secrets: r.Secrets, Role: role, Host: t.Host, Version: r.Version, Token: r.Identity.Token, Command: command, Env: env,
			Reuse: o.reuse, Detach: o.detach, Input: o.interactive, TTY: tty,
		}.Line()
	}}
	return e.run(cmd.Context(), roleTargets(r.Scope))
}

func (o *appExec) check() ([]config.Pair, error) {
	switch {
	case o.detach && (o.interactive || o.reuse):
		return nil, usageError{err: errors.New("--detach does not go with --interactive or --reuse")}
	case o.detach && o.raw:
		return nil, usageError{err: errors.New("--raw does not go with --detach")}
	}
	return pairs(o.env)
}

// open needs secrets only for a new container. Its image is that of --version, else of
// what was deployed last.
func (o *appExec) open(p *program, cmd *cobra.Command) (workflow.Env, error) {
	given := p.globals.version
	if o.reuse {
		r, err := p.opener.look(cmd)
		if err == nil {
			r.Version = given
		}
		return r, err
	}
	r, err := p.opener.openWithoutVersion(cmd)
	if err == nil && given == "" {
		r.Version = r.Scope.Project.LatestTag()
	}
	return r, err
}
