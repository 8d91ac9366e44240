package workflow

import (
	"context"
	"errors"
	"fmt"
	"net"

	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/shell"
)

// Where says where to log in or out: on this machine, on the hosts, or both.
type Where struct{ Local, Hosts bool }

// LoginRegistry logs this machine and the hosts in to the registry, or starts the one on localhost.
func LoginRegistry(ctx context.Context, env Env, where Where) error {
	if where.Local {
		if err := image.Enter(ctx, env.Scope.Project.Registry, env.Sink); err != nil {
			return err
		}
	}
	return atRegistry(ctx, env, where, "log in to the registry", image.LoginLine(env.Scope.Project.Registry))
}

// LogoutRegistry forgets the logins at the registry, or removes the one on localhost.
func LogoutRegistry(ctx context.Context, env Env, where Where) error {
	if where.Local {
		if err := image.Discard(ctx, env.Scope.Project.Registry, env.Sink); err != nil {
			return err
		}
	}
	return atRegistry(ctx, env, where, "log out of the registry", image.LogoutLine(env.Scope.Project.Registry))
}

func atRegistry(ctx context.Context, env Env, where Where, name string, line shell.Line) error {
	if line.Empty() && env.Scope.Project.Registry.Local() {
		return nil
	}
	if line.Empty() {
		env.Sink(event.Note{Text: "This registry needs no login"})
		return nil
	}
	if !where.Hosts {
		return nil
	}
	_, err := runOn(ctx, env, env.Scope.Hosts(), plan.Step{Name: name, Run: line, Captured: true})
	return err
}

// forwarder is a connection that can forward a port of the host to this machine.
type forwarder interface {
	Forward(ctx context.Context, remoteAddr string, dial func(context.Context) (net.Conn, error)) (*remote.Forward, error)
}

// forwardRegistry forwards the port of a registry on localhost from the host to this machine, where
// it runs. stop ends that.
func forwardRegistry(ctx context.Context, env Env, h remote.Host) (stop func(), err error) {
	if !env.Scope.Project.Registry.Local() {
		return func() {}, nil
	}
	from, ok := h.(forwarder)
	if !ok {
		return nil, errors.New("this connection forwards no ports")
	}
	address := net.JoinHostPort("127.0.0.1", env.Scope.Project.Registry.Port())
	forward, err := from.Forward(ctx, address, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	})
	if err != nil {
		return nil, &ForwardError{err}
	}
	return func() { _ = forward.Close() }, nil
}

// ForwardError reports a host on which the port of the registry could not be opened.
type ForwardError struct{ err error }

func (e *ForwardError) Error() string { return fmt.Sprintf("forward the registry's port: %v", e.err) }

// Unwrap returns what SSH said.
func (e *ForwardError) Unwrap() error { return e.err }

// Hint names what may forbid it.
func (e *ForwardError) Hint() string {
	return "sshd needs AllowTcpForwarding, and the port must be free on the host: another deploy may be using it"
}
