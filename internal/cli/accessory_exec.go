package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/workflow"
)

// accessoryExec are the options of accessory exec.
type accessoryExec struct {
	execFlags
	reuse bool
}

func accessoryExecCommand(p *program) *cobra.Command {
	var o accessoryExec
	c := &cobra.Command{
		Use: "exec NAME CMD...", Short: "Run a command in a container of an accessory",
		Long: `Run a command in a new container of the accessory, with its env, volumes, network and options, or
with --reuse in the running container. It runs on each selected host of the accessory; with
--interactive only on the first one.

` + wordsHelp,
		Example: `  mrsk accessory exec db -i --reuse psql
  mrsk accessory exec --reuse --raw db pg_dumpall >all.sql
  mrsk accessory exec cache 'redis-cli -h shop-cache ping'`,
		ValidArgsFunction: accessoryNames(p),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(p, cmd, args) },
	}
	o.add(p, c)
	c.Flags().BoolVar(&o.reuse, "reuse", false, "run it in the running container instead of a new one")
	return c
}

func (o *accessoryExec) run(p *program, cmd *cobra.Command, args []string) error {
	name, command, err := o.split(cmd, args)
	if err != nil {
		return err
	}
	return onAccessories(p, cmd, name, config.Needs{Accessories: !o.reuse}, func(r workflow.Env) error {
		a, err := oneAccessory(r, name)
		if err == nil && !o.reuse {
			err = r.Scope.CheckImages()
		}
		if err != nil {
			return err
		}
		var fetch shell.Line
		if !o.reuse {
			fetch = workflow.FetchAccessory(r, a)
		}
		e := execution{p: p, r: r, kind: "Accessory " + a.Name, flags: o.execFlags, audit: "Executed on accessory " + a.Name + ": " + command}
		e.line = func(t session.Target, tty bool) shell.Line {
			return accessory.Exec{
				Accessory: a, Secrets: r.Secrets, Host: t.Host, Own: accessory.Own(r.Scope.Project, t.Host), Token: r.Identity.Token, Command: command,
				Fetch: fetch, Reuse: o.reuse, Input: o.interactive, TTY: tty,
			}.Line()
		}
		return e.run(cmd.Context(), hostTargets(a.Hosts))
	})
}

// split parts the name from the command. Options may stand between the two.
func (o *accessoryExec) split(c *cobra.Command, args []string) (name, command string, err error) {
	if len(args) > 1 && strings.HasPrefix(args[1], "-") {
		if err := c.Flags().Parse(args[1:]); err != nil {
			return "", "", usageError{err: err}
		}
		args = append(args[:1:1], c.Flags().Args()...)
	}
	command, err = o.command(c, args[min(1, len(args)):])
	if err != nil {
		return "", "", err
	}
	return args[0], command, nil
}
