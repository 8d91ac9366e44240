package workflow

import (
	"context"
	"fmt"
	"strings"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// BootAccessories starts the accessories of the run that are not running. files are the files and
// directories that it copies to their hosts.
func BootAccessories(ctx context.Context, env Env, files accessory.Files) error {
	return replaceAccessories(ctx, env, false, files, deploy.BootAccessories)
}

// RebootAccessories replaces the containers of the accessories, after pulling their images again.
func RebootAccessories(ctx context.Context, env Env, files accessory.Files) error {
	return replaceAccessories(ctx, env, true, files, deploy.RebootAccessories)
}

// RestartAccessories stops the accessories and starts them again. A newer image or a changed
// configuration replaces the container.
func RestartAccessories(ctx context.Context, env Env, files accessory.Files) error {
	return replaceAccessories(ctx, env, true, files, deploy.RestartAccessories)
}

// StartAccessories starts the containers that have stopped. Those that never ran are replaced.
func StartAccessories(ctx context.Context, env Env, files accessory.Files) error {
	return replaceAccessories(ctx, env, false, files, deploy.StartAccessories)
}

// StopAccessories stops the containers. Behind the proxy clients get 502.
func StopAccessories(ctx context.Context, env Env) error {
	return changeAccessories(ctx, env, always(deploy.StopAccessories))
}

// RemoveAccessoriesOptions are the options of RemoveAccessories.
type RemoveAccessoriesOptions struct {
	KeepData  bool // keep the folders with files and directories
	Confirmed bool // remove without asking
}

// RemoveAccessories removes the containers, routes, images and folders of the accessories. It asks
// first, unless confirmed.
func RemoveAccessories(ctx context.Context, env Env, o RemoveAccessoriesOptions) error {
	if yes, err := env.ask(ctx, o.Confirmed, removalQuestion(env, o)); err != nil || !yes {
		return err
	}
	return changeAccessories(ctx, env, always(func(a deploy.Accessories) *plan.Plan {
		return deploy.RemoveAccessories(a, o.KeepData)
	}))
}

func removalQuestion(env Env, o RemoveAccessoriesOptions) string {
	var names []string
	for _, a := range env.Scope.Accessories {
		if len(a.Hosts) > 0 {
			names = append(names, a.Name)
		}
	}
	question := fmt.Sprintf("Remove %s from %s?", strings.Join(names, ", "), strings.Join(env.Scope.AccessoryHosts(), ", "))
	if !o.KeepData {
		question += deletedFolders(env.Scope.Accessories)
	}
	return question
}

// changeAccessories carries out a change that needs no images.
func changeAccessories(ctx context.Context, env Env, makePlan func(deploy.Accessories) (*plan.Plan, error)) error {
	return changeHosts(ctx, env, accessoryChange(env, nil, makePlan))
}

// replaceAccessories pulls the images on the hosts, and then carries out a change. A failed pull stops
// no container. With repull it also pulls images that a host has: the registry may have a newer one of
// the same name.
func replaceAccessories(ctx context.Context, env Env, repull bool, files accessory.Files, makePlan func(deploy.Accessories) (*plan.Plan, error)) error {
	c := accessoryChange(env, files, makePlan)
	pull := func(ctx context.Context) error { return pullAccessories(ctx, env, repull) }
	return env.withLease(ctx, c.hosts, pull, func(ctx context.Context, l leased) error { return l.change(ctx, c) })
}

func accessoryChange(env Env, files accessory.Files, makePlan func(deploy.Accessories) (*plan.Plan, error)) change {
	return change{
		hosts: env.Scope.AccessoryHosts(), want: observe.Want{Accessories: true},
		planner: func(seen map[string]facts.Host) (*plan.Plan, error) {
			return makePlan(accessoriesRequest(env, files, seen))
		},
	}
}

func accessoriesRequest(env Env, files accessory.Files, seen map[string]facts.Host) deploy.Accessories {
	return deploy.Accessories{Scope: env.Scope, Secrets: env.Secrets, Facts: seen, Token: env.Identity.Token, Files: files}
}

func pullAccessories(ctx context.Context, env Env, repull bool) error {
	return onEach(ctx, env, env.Scope.AccessoryHosts(), func(ctx context.Context, h remote.Host) error {
		s := script.Script{Prelude: env.prelude()}
		for _, a := range env.Scope.Accessories {
			if a.On(h.Name()) {
				s.Steps = append(s.Steps, pullAccessoryStep(env, a, repull))
			}
		}
		_, err := s.Run(ctx, h, env.Sink)
		return err
	})
}

func pullAccessoryStep(env Env, a config.Accessory, repull bool) script.Step {
	if repull {
		return script.Step{Name: "pull " + a.Image, Run: pullLine(accessoryRegistry(env, a), env.Secrets, a.Image), Captured: true}
	}
	return script.Step{Name: "pull " + a.Image + " if it is missing", Run: FetchAccessory(env, a), Captured: true}
}

// FetchAccessory returns the line that pulls the image of an accessory if the host lacks it. The line
// prints to stderr only, so that it can run before a command whose stdout is read.
func FetchAccessory(env Env, a config.Accessory) shell.Line {
	there := docker.Cmd("image", "inspect", "--format", "{{.ID}}", a.Image).Add(shell.Raw(">/dev/null 2>&1"))
	return there.Or(pullLine(accessoryRegistry(env, a), env.Secrets, a.Image)).Group().Add(shell.Raw(">&2"))
}

// accessoryRegistry returns the registry of an accessory's image: its own, or else that of the app.
func accessoryRegistry(env Env, a config.Accessory) config.Registry {
	if a.Registry.None {
		return env.Scope.Project.Registry
	}
	return a.Registry
}
