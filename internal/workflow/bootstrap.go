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

// Bootstrap installs Docker on the hosts that lack it, and runs the hook docker-setup. It logs in
// again on hosts where the user has just been allowed to use Docker.
func Bootstrap(ctx context.Context, env Env) error {
	hosts := env.Scope.Hosts()
	var joined []string
	err := env.withLease(ctx, hosts, nothing, func(ctx context.Context, l leased) (err error) {
		joined, err = l.installDocker(ctx, hosts)
		if err != nil {
			return err
		}
		return l.hook(ctx, hook.DockerSetup)
	})
	env.Fleet.Forget(joined...)
	return err
}

// installDocker returns the hosts on which the user may use Docker from the next login on.
func (l leased) installDocker(ctx context.Context, hosts []string) (joined []string, err error) {
	var mu sync.Mutex
	step := server.Bootstrap().Script()
	s := script.Script{Prelude: l.prelude(), Steps: append(l.walker(aroundBoot).Guard, step)}
	err = l.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := s.Run(ctx, h, l.Sink)
		if err != nil {
			return err
		}
		if _, user := results.Get(step.Name).Reported(script.Joined); user {
			l.Sink(event.Note{Host: h.Name(), Text: "the user is in the docker group now; logging in anew"})
			mu.Lock()
			defer mu.Unlock()
			joined = append(joined, h.Name())
		}
		return nil
	})
	return joined, err
}
