package workflow

import (
	"context"
	"fmt"

	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/plan"
	"mrsk/internal/registry"
	"mrsk/internal/shell"
)

// Where selects the machines to log in or out: this machine, the hosts, or both.
type Where struct{ Local, Hosts bool }

// LoginRegistry logs this machine and the hosts in to the registry.
func LoginRegistry(ctx context.Context, env Env, where Where) error {
	if env.Scope.Project.Registry.Local() {
		env.Sink(event.Note{Text: "The app uses no registry: images are kept on this machine. There is nothing to log in to"})
		return nil
	}
	if where.Local {
		if err := image.Login(ctx, env.Scope.Project.Registry, env.Secrets, env.Sink); err != nil {
			return err
		}
	}
	return runOnRegistryHosts(ctx, env, where, "log in to the registry", image.LoginLine(env.Scope.Project.Registry, env.Secrets))
}

// LogoutRegistry logs this machine and the hosts out of the registry. An app without a registry has no
// login; LogoutRegistry then removes the cached images of this machine.
func LogoutRegistry(ctx context.Context, env Env, where Where) error {
	if env.Scope.Project.Registry.Local() {
		return clearImages(env, where)
	}
	if where.Local {
		if err := image.Logout(ctx, env.Scope.Project.Registry, env.Sink); err != nil {
			return err
		}
	}
	return runOnRegistryHosts(ctx, env, where, "log out of the registry", image.LogoutLine(env.Scope.Project.Registry))
}

// clearImages removes the cached images of all projects, because projects share layers.
func clearImages(env Env, where Where) error {
	if !where.Local {
		return nil
	}
	had, err := registry.Clear(env.Images.Dir)
	if err == nil {
		env.Sink(event.Note{Text: fmt.Sprintf("Removed %d images, %s, from %s", had.Images, registry.Size(had.Bytes), had.Dir)})
	}
	return err
}

func runOnRegistryHosts(ctx context.Context, env Env, where Where, name string, line shell.Line) error {
	if line.Empty() {
		env.Sink(event.Note{Text: "This registry needs no login"})
		return nil
	}
	if !where.Hosts {
		return nil
	}
	_, err := runOn(ctx, env, env.Scope.Hosts(), plan.Step{Name: name, Run: line, Captured: true})
	return err
}
