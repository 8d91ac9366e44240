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

// Remove removes the app, its accessories, the proxy on hosts where no other app uses it, and the
// registry logins. It asks first, unless confirmed.
func Remove(ctx context.Context, env Env, confirmed bool) error {
	question := "Remove " + env.Scope.Project.Name() + " from all its hosts?" + deletedFolders(env.Scope.Accessories)
	if yes, err := env.ask(ctx, confirmed, question); err != nil || !yes {
		return err
	}
	return changeHosts(ctx, env, change{
		hosts: env.Scope.Hosts(), want: observe.Want{Accessories: true, Network: true},
		planner: stateOf(env, always(func(s deploy.State) *plan.Plan { return deploy.Remove(s, logoutLine(env)) })),
	})
}

// deletedFolders returns sentences that name the data folders that a removal of accessories deletes.
func deletedFolders(all []config.Accessory) string {
	text := ""
	for _, a := range all {
		if len(a.Hosts) > 0 && accessory.HasFolder(a) {
			text += fmt.Sprintf(" This deletes the folder %s and all data in it on %s.", a.Service, strings.Join(a.Hosts, ", "))
		}
	}
	return text
}

// logoutLine returns the line that logs a host out of the registries of the app and its accessories. It
// is empty if none needs a login.
func logoutLine(env Env) shell.Line {
	logout := image.LogoutLine(env.Scope.Project.Registry)
	for _, a := range env.Scope.Accessories {
		logout = logout.Then(image.LogoutLine(a.Registry))
	}
	return logout
}
