package workflow

import (
	"context"
	"fmt"
	"strings"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/image"
	"mrsk/internal/observe"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Remove removes the app, its accessories, the proxy where no other app is behind it, and the logins
// at the registries. It asks first, unless confirmed.
func Remove(ctx context.Context, env Env, confirmed bool) error {
	question := "Remove " + env.Scope.Project.Name() + " from all its hosts?" + lostFolders(env.Scope.Accessories)
	if yes, err := env.ask(ctx, confirmed, question); err != nil || !yes {
		return err
	}
	return changeHosts(ctx, env, change{
		hosts: env.Scope.Hosts(), want: observe.Want{Accessories: true, Network: true},
		planner: stateOf(env, always(func(s deploy.State) *plan.Plan { return deploy.Remove(s, logoutLine(env)) })),
	})
}

// lostFolders says which folders with data go when accessories are removed.
func lostFolders(all []config.Accessory) string {
	text := ""
	for _, a := range all {
		if len(a.Hosts) > 0 && accessory.HasFolder(a) {
			text += fmt.Sprintf(" The folder %s goes with all data in it, on %s.", a.Service, strings.Join(a.Hosts, ", "))
		}
	}
	return text
}

// logoutLine forgets the logins at the registries of the app and its accessories. It is empty when
// there are none.
func logoutLine(env Env) shell.Line {
	logout := image.LogoutLine(env.Scope.Project.Registry)
	for _, a := range env.Scope.Accessories {
		logout = logout.Then(image.LogoutLine(a.Registry))
	}
	return logout
}
