package workflow

import (
	"context"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/hook"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/server"
)

// Bootstrap makes the hosts ready for Docker, and runs the hook that may add to that. A host
// whose user has just been allowed to use Docker is logged in on anew.
func (r *Run) Bootstrap(ctx context.Context) error {
	hosts := r.Scope.Hosts()
	var joined []string
	err := r.WithLease(ctx, hosts, func(ctx context.Context) (err error) {
		joined, err = r.bootstrap(ctx, hosts)
		if err != nil {
			return err
		}
		return r.hook(ctx, hook.DockerSetup)
	})
	r.Fleet.Forget(joined...)
	return err
}

// bootstrap returns the hosts on which the user may use Docker from the next login on.
func (r *Run) bootstrap(ctx context.Context, hosts []string) (joined []string, err error) {
	var mu sync.Mutex
	step := server.Bootstrap().Script()
	s := script.Script{Prelude: r.prelude(), Steps: append(r.walker().Guard, step)}
	err = r.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := s.Run(ctx, h, r.Sink)
		if err != nil {
			return err
		}
		if _, user := results.Get(step.Name).Reported(script.Joined); user {
			r.Sink(event.Note{Host: h.Name(), Text: "the user is in the docker group now; logging in anew"})
			mu.Lock()
			defer mu.Unlock()
			joined = append(joined, h.Name())
		}
		return nil
	})
	return joined, err
}
