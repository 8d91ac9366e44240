package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mrsk/internal/apply"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/event"
)

// RolloutError reports a rollout that failed, and what the hosts run now.
type RolloutError struct {
	End event.RolloutEnd
	Err error
}

func (e *RolloutError) Error() string { return e.Err.Error() }

// Unwrap returns what failed.
func (e *RolloutError) Unwrap() error { return e.Err }

// Rollout returns how the rollout ended.
func (e *RolloutError) Rollout() event.RolloutEnd { return e.End }

// afterError reports a hook that failed after all hosts had the new version.
type afterError struct {
	version string
	err     error
}

func (e *afterError) Error() string {
	return fmt.Sprintf("version %s is live, but %v", e.version, e.err)
}
func (e *afterError) Unwrap() error { return e.err }

// conclude ends a rollout that ended with err. It reports the new version, or returns a *RolloutError. An
// answer of the user needs no explanation, unless an attempt was made before the question.
func (e Env) conclude(ctx context.Context, began time.Time, done applied, err error) error {
	if errors.Is(err, errDeclined) && !done.began {
		return err
	}
	end := event.RolloutEnd{
		App: e.Scope.Project.Service, Options: e.Identity.Options, Again: e.Identity.Again,
		Version: e.Version, Routed: routed(e.Scope), Hosts: e.Scope.AppHosts(),
		Took: e.Now().Sub(began), URL: e.Scope.FirstURL(), Outcome: event.Live, Interrupted: ctx.Err() != nil,
	}
	if done.before != nil {
		end.Before, end.Back = deploy.Running(e.Scope, done.before), deploy.RollbackTarget(e.Scope, done.before, e.Version)
	}
	if err == nil {
		e.Sink(end)
		return nil
	}
	end.Outcome, end.Unclear = outcomeOf(done, err)
	return &RolloutError{end, err}
}

// routed reports whether each host of the app has a role behind the proxy.
func routed(c *config.Scope) bool {
	return !slices.ContainsFunc(c.AppHosts(), func(host string) bool {
		return !slices.ContainsFunc(c.RolesOn(host), func(r config.Role) bool { return r.Proxy != nil })
	})
}

// outcomeOf returns what became of a rollout that failed, and the hosts that may have either version.
func outcomeOf(done applied, err error) (outcome event.Outcome, unclear []string) {
	var back *apply.RolledBackError
	switch {
	case errors.As(err, new(*apply.CommittedError)), errors.As(err, new(*afterError)):
		return event.LiveWithFaults, nil
	case errors.As(err, &back) && len(back.NotUndone) > 0:
		return event.Unclear, back.NotUndone
	case errors.As(err, &back):
		return event.RolledBack, nil
	case done.began:
		return event.NotStarted, nil
	}
	return event.Unchanged, nil
}
