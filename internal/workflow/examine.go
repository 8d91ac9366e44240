package workflow

import (
	"context"

	"mrsk/internal/plan"
	"mrsk/internal/server"
)

// Examine returns what server.Examine prints on each host, also on those without Docker. The error is
// about the hosts that did not answer.
func Examine(ctx context.Context, env Env) (map[string][]byte, error) {
	look := plan.Step{Name: "examine the host", Captured: true, VerboseOnly: true, Run: server.Examine(env.Scope.Project.Repository())}
	results, err := askOn(ctx, env, env.Scope.Hosts(), look)
	texts := map[string][]byte{}
	for host, result := range results {
		if result.Ran {
			texts[host] = result.Stdout
		}
	}
	return texts, err
}
