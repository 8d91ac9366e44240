package workflow

import (
	"context"
	"sync"

	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// Ask runs steps on hosts, each for itself and without the lease, and returns what became of
// them. It is for what changes no container.
func (r *Run) Ask(ctx context.Context, hosts []string, steps ...plan.Step) (map[string]script.Results, error) {
	var mu sync.Mutex
	all := map[string]script.Results{}
	s := script.Script{Prelude: r.prelude()}
	for _, step := range steps {
		s.Steps = append(s.Steps, step.Script())
	}
	err := r.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := s.Run(ctx, h, r.Sink)
		mu.Lock()
		defer mu.Unlock()
		all[h.Name()] = results
		return err
	})
	return all, err
}
