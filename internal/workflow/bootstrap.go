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

// Bootstrap installs Docker on the hosts that lack it, and runs the hook docker-setup. It closes the
// connections to hosts where it added the user to the group docker: the group applies from the next
// login on.
func Bootstrap(ctx context.Context, env Env) error {
	hosts := env.Scope.Hosts()
	var joined []string
	err := env.withLease(ctx, hosts, noWork, func(ctx context.Context, l leased) (err error) {
		joined, err = l.installDocker(ctx, hosts)
		if err != nil {
			return err
		}
		return l.hook(ctx, hook.DockerSetup)
	})
	env.Fleet.Forget(joined...)
	return err
}

// installDocker installs Docker where it is missing. joined are the hosts where it added the user to
// the group docker.
func (l leased) installDocker(ctx context.Context, hosts []string) (joined []string, err error) {
	var mu sync.Mutex
	step := server.Bootstrap().Script()
	step.Key = new(script.Key)
	s := script.Script{Prelude: l.prelude(), Steps: append(l.walker(change{around: aroundBoot}).Guard, step)}
	err = onEach(ctx, l.Env, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := s.Run(ctx, h, l.Sink)
		if err != nil {
			return err
		}
		if _, user := results.Of(step.Key).Reported(script.Joined); user {
			l.Sink(event.Note{Host: h.Name(), Text: "the user is in the docker group now; logging in again"})
			mu.Lock()
			defer mu.Unlock()
			joined = append(joined, h.Name())
		}
		return nil
	})
	return joined, err
}
