package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func accessoryGroup(p *program) *cobra.Command {
	c := group("accessory", "Manage accessories: services that the app needs, such as a database",
		emits(p, accessoryBootCommand(p)),
		spelledOut(emits(p, accessoryRebootCommand(p))),
		emits(p, accessoryStartCommand(p)),
		emits(p, accessoryStopCommand(p)),
		spelledOut(emits(p, accessoryRestartCommand(p))),
		accessoryDetailsCommand(p),
		accessoryExecCommand(p),
		accessoryLogsCommand(p),
		spelledOut(emits(p, accessoryRemoveCommand(p))),
	)
	c.Long = `Manage accessories: services that the app needs, such as a database.

NAME is the name of an accessory in the configuration, a pattern such as 'cache*', or all. A deploy
does not touch accessories; mrsk setup boots those that do not run.`
	return c
}

// accessoryNames completes NAME; more are words that stand for accessories, too.
func accessoryNames(p *program, more ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		out := slices.DeleteFunc(append(p.loader.choices().Accessories, more...), func(name string) bool { return !strings.HasPrefix(name, typed) })
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// onAccessories does something with the accessories that a name picks.
func onAccessories(p *program, cmd *cobra.Command, name string, secrets config.Needs, do func(workflow.Env) error) error {
	pick := func(c *config.Scope) (*config.Scope, error) {
		narrow, err := c.SelectAccessories(name)
		if err != nil {
			return nil, err
		}
		return narrow, elsewhere(narrow, name)
	}
	r, err := p.opener.start(cmd, needs{pick: pick, secrets: secrets})
	if err != nil {
		return err
	}
	return do(r)
}

// elsewhere fails if none of the accessories is on a selected host.
func elsewhere(c *config.Scope, name string) error {
	if len(c.AccessoryHosts()) > 0 || len(c.Accessories) == 0 {
		return nil
	}
	var hosts []string
	for _, a := range c.Project.Accessories {
		if _, about := c.Accessory(a.Name); about {
			hosts = append(hosts, a.Hosts...)
		}
	}
	slices.Sort(hosts)
	return usageError{
		err:  fmt.Errorf("accessory %s is on none of the chosen hosts", name),
		hint: "it is on " + strings.Join(slices.Compact(hosts), ", "),
	}
}

// oneAccessory is that of a run, for what can be done with one only.
func oneAccessory(r workflow.Env, name string) (config.Accessory, error) {
	if n := len(r.Scope.Accessories); n != 1 {
		return config.Accessory{}, usageError{err: fmt.Errorf("%q is %d accessories, and this takes one", name, n)}
	}
	return r.Scope.Accessories[0], nil
}

// changeAccessories makes a change that may start containers: with the accessories' secrets, files
// and images.
func changeAccessories(p *program, cmd *cobra.Command, name string, change func(context.Context, workflow.Env, accessory.Files) error) error {
	return onAccessories(p, cmd, name, config.Needs{Accessories: true}, func(r workflow.Env) error {
		files, err := accessoryFiles(p, r)
		if err != nil {
			return err
		}
		return change(cmd.Context(), r, files)
	})
}

// accessoryFiles reads the files that accessories bring to their hosts when containers are made of them.
func accessoryFiles(p *program, r workflow.Env) (accessory.Files, error) {
	if err := r.Scope.CheckImages(); err != nil {
		return nil, err
	}
	return accessory.ReadFiles(r.Scope.Accessories, r.Secrets, func(path string) ([]byte, error) {
		if rest, inHome := strings.CutPrefix(path, "~/"); inHome {
			path = filepath.Join(p.sys.Home, rest)
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.sys.Dir, path)
		}
		return os.ReadFile(path)
	}, p.loader.world)
}
