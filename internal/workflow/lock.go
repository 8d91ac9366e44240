package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/server"
)

// AcquireLock locks the app on all hosts until ReleaseLock. Commands that want to change the app
// meanwhile fail and print the message.
func AcquireLock(ctx context.Context, env Env, message string) error {
	record := env.record()
	record.Command, record.Message = "", message
	freeze := lock.Freeze(env.Scope.Project.Name(), record)
	return changeHosts(ctx, env, change{
		hosts:   env.Scope.Hosts(),
		planner: always(func(map[string]facts.Host) *plan.Plan { return deploy.Freeze(env.Scope, freeze) }),
	})
}

// ReleaseLock releases the lock of AcquireLock. If there is no lock, it does nothing.
func ReleaseLock(ctx context.Context, env Env) error {
	results, err := runOn(ctx, env, env.Scope.Hosts(), lock.Thaw(env.Scope.Project.Name()), server.Audit("", "Unlocked"))
	for _, host := range env.Scope.Hosts() {
		if text := server.Unaudited(results[host]); text != "" {
			env.Sink(event.Warning{Host: host, Text: text})
		}
	}
	return err
}
