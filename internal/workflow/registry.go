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

// Where says where to log in or out.
type Where struct{ Local, Hosts bool }

// Login makes the registry ready for this machine and the hosts: they log in, or one on localhost
// is started.
func (r *Run) Login(ctx context.Context, where Where) error {
	if where.Local {
		if err := image.Enter(ctx, r.Scope.Project.Registry, r.Sink); err != nil {
			return err
		}
	}
	return r.atRegistry(ctx, where, "log in to the registry", image.LoginLine(r.Scope.Project.Registry))
}

// Logout forgets the login at the registry, or removes the one on localhost.
func (r *Run) Logout(ctx context.Context, where Where) error {
	if where.Local {
		if err := image.Discard(ctx, r.Scope.Project.Registry, r.Sink); err != nil {
			return err
		}
	}
	return r.atRegistry(ctx, where, "log out of the registry", image.LogoutLine(r.Scope.Project.Registry))
}

func (r *Run) atRegistry(ctx context.Context, where Where, name string, line shell.Line) error {
	if line.Empty() && r.Scope.Project.Registry.Local() {
		return nil
	}
	if line.Empty() {
		r.Sink(event.Note{Text: "The registry asks nobody to log in"})
		return nil
	}
	if !where.Hosts {
		return nil
	}
	_, err := r.Ask(ctx, r.Scope.Hosts(), plan.Step{Name: name, Run: line, Captured: true})
	return err
}

// forwarder is a connection that can lead a port of the host here.
type forwarder interface {
	Forward(ctx context.Context, remoteAddr string, dial func(context.Context) (net.Conn, error)) (*remote.Forward, error)
}

// leadToRegistry leads the port of a registry on localhost from the host to this machine, where
// it is. leave ends that.
func (r *Run) leadToRegistry(ctx context.Context, h remote.Host) (leave func(), err error) {
	if !r.Scope.Project.Registry.Local() {
		return func() {}, nil
	}
	from, ok := h.(forwarder)
	if !ok {
		return nil, errors.New("this connection leads no ports")
	}
	address := net.JoinHostPort("127.0.0.1", r.Scope.Project.Registry.Port())
	forward, err := from.Forward(ctx, address, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	})
	if err != nil {
		return nil, &unledError{err}
	}
	return func() { _ = forward.Close() }, nil
}

// unledError is a host on which the registry's port could not be opened.
type unledError struct{ err error }

func (e *unledError) Error() string { return fmt.Sprintf("lead the registry's port here: %v", e.err) }
func (e *unledError) Unwrap() error { return e.err }

// Hint names what forbids it.
func (e *unledError) Hint() string {
	return "sshd needs AllowTcpForwarding, and the port must be free on the host: another deploy may be using it"
}
