package workflow

import (
	"context"
	"sync"

	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// runOn runs steps on hosts, on each independently and without the lease, and returns the results
// by host. It is for what changes no container.
func runOn(ctx context.Context, env Env, hosts []string, steps ...plan.Step) (map[string]script.Results, error) {
	var mu sync.Mutex
	all := map[string]script.Results{}
	s := script.Script{Prelude: env.prelude()}
	for _, step := range steps {
		s.Steps = append(s.Steps, step.Script())
	}
	err := env.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := s.Run(ctx, h, env.Sink)
		mu.Lock()
		defer mu.Unlock()
		all[h.Name()] = results
		return err
	})
	return all, err
}
