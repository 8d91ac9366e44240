package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/plan"
)

// Prune removes old containers and images of the app. If what.Retain is 0, it keeps
// retain_containers versions.
func Prune(ctx context.Context, env Env, what deploy.What) error {
	if what.Retain == 0 {
		what.Retain = env.Scope.Project.RetainContainers
	}
	return changeHosts(ctx, env, change{
		hosts:   env.Scope.Hosts(),
		planner: stateOf(env, always(func(s deploy.State) *plan.Plan { return deploy.Prune(s, what) })),
	})
}
