package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/remote"
)

// NoneReachableError reports that so many hosts cannot be reached that the rest cannot be deployed to.
type NoneReachableError struct {
	Role string // the primary role of the run, of which no host can be reached
	Err  error
}

func (e *NoneReachableError) Error() string {
	return fmt.Sprintf("no host of the primary role %s can be reached: %v", e.Role, e.Err)
}

// Unwrap returns why the hosts cannot be reached.
func (e *NoneReachableError) Unwrap() error { return e.Err }

// reachable connects to the hosts of the app. If skip is set it returns the environment of a run without those that
// cannot be reached, and their names; each has a warning. A host that refuses the login, or shows another key, is an
// error in any case: it can be reached, and may be another machine.
func (e Env) reachable(ctx context.Context, skip bool) (rest Env, skipped []string, err error) {
	if !skip {
		return e, nil, nil
	}
	err = e.Fleet.Each(ctx, e.Scope.AppHosts(), func(context.Context, remote.Host) error { return nil })
	var failed *fleet.Error
	if !errors.As(err, &failed) {
		return e, nil, err
	}
	for _, h := range failed.Hosts {
		if !unreachable(h.Err) {
			return e, nil, err
		}
		skipped = append(skipped, h.Host)
	}
	rest = e
	rest.Scope = e.Scope.Without(skipped)
	if _, there := rest.Scope.Role(e.Scope.PrimaryRole); !there {
		return e, nil, &NoneReachableError{e.Scope.PrimaryRole, err}
	}
	for _, h := range failed.Hosts {
		e.Sink(event.Warning{Host: h.Host, Text: "skipped, because it cannot be reached: " + h.Err.Error()})
	}
	return rest, skipped, nil
}

// unreachable reports whether a connection failed before the host said who it is.
func unreachable(err error) bool {
	var failed *remote.ConnectError
	if errors.As(err, new(*remote.JumpError)) || !errors.As(err, &failed) {
		return false
	}
	return failed.Stage == remote.StageConnect || failed.Stage == remote.StageBanner && !failed.Busy()
}

// warnOfSkipped says what hosts that were skipped may run, and the command that brings them to the version of the others.
func (e Env) warnOfSkipped(skipped []string) {
	if len(skipped) == 0 {
		return
	}
	e.Sink(event.Warning{Text: fmt.Sprintf(
		"%s did not get version %s and may still serve another one; run mrsk sync%s when all hosts can be reached",
		strings.Join(skipped, ", "), e.Version, e.Identity.Options)})
}
