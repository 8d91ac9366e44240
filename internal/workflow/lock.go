package workflow

import (
	"context"

	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/server"
)

// AcquireLock locks the app on all hosts until ReleaseLock. The message is for those who want to
// change the app meanwhile.
func AcquireLock(ctx context.Context, env Env, message string) error {
	record := env.record()
	record.Command, record.Message = "", message
	freeze := lock.Freeze(env.Scope.Project.Name(), record)
	return changeHosts(ctx, env, change{
		hosts:   env.Scope.Hosts(),
		planner: always(func(map[string]facts.Host) *plan.Plan { return deploy.Freeze(env.Scope, freeze) }),
	})
}

// ReleaseLock releases what AcquireLock has locked. It is no error when there is no lock.
func ReleaseLock(ctx context.Context, env Env) error {
	_, err := runOn(ctx, env, env.Scope.Hosts(), lock.Thaw(env.Scope.Project.Name()), server.Audit("", "Unlocked"))
	return err
}
