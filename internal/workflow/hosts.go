package workflow

import (
	"context"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// onEach does work on each host, and reports those on which it fails.
func onEach(ctx context.Context, env Env, hosts []string, work func(context.Context, remote.Host) error) error {
	return env.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		err := work(ctx, h)
		if err != nil && ctx.Err() == nil {
			env.Sink(event.HostFailed{Host: h.Name(), Err: err})
		}
		return err
	})
}

// askOn runs one step on each host, as runOn does, and returns its results by host name.
func askOn(ctx context.Context, env Env, hosts []string, step plan.Step) (map[string]script.Result, error) {
	results, err := runOn(ctx, env, hosts, step)
	answers := map[string]script.Result{}
	for host, all := range results {
		for _, r := range all {
			answers[host] = r
		}
	}
	return answers, err
}

// runOn runs steps on each host independently and without the lease, and returns the results by host
// name. Steps that change containers need a plan and the lease instead.
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
