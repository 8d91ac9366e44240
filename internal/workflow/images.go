package workflow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/registry"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// pullFromHere serves the image of the run's version out of this machine's cache to hosts.
func pullFromHere(ctx context.Context, env Env, hosts []string, again rebuild) error {
	cache, err := env.Images.Open()
	if err != nil {
		return err
	}
	image, err := cache.Image(env.Scope.Project.ImagePath(), env.Version)
	if err != nil {
		return err
	}
	before := len(cache.Dropped())
	err = serveTo(ctx, env, hosts, cache, image)
	if err == nil || len(cache.Dropped()) == before {
		return err
	}
	// All parts that are damaged must go before it is built again, and docker stops at one.
	if damaged := cache.Verify(image); again == nil {
		return damaged
	}
	env.Sink(event.Note{Text: "A part of the image in the cache was damaged; building it again"})
	if err := again(ctx); err != nil {
		return err
	}
	image, err = cache.Image(env.Scope.Project.ImagePath(), env.Version)
	if err != nil {
		return err
	}
	return serveTo(ctx, env, hosts, cache, image)
}

func serveTo(ctx context.Context, env Env, hosts []string, cache *registry.Cache, image registry.Image) error {
	outlet := cache.Serve(image)
	defer outlet.Close()
	return env.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		port, err := forward(ctx, env, h, outlet.DialFor(pullProgress(env, h.Name(), time.Now)))
		if err != nil {
			return err
		}
		defer port.Close()
		results, err := pullScript(env, port.Addr().String(), outlet, image).Run(ctx, h, env.Sink)
		warnOpen(env, h.Name(), results.Get(seeForward))
		if err == nil {
			env.Observer.AddImage(h.Name(), results.Get(checkImage).Stdout)
		}
		return err
	})
}

// seeForward is the step that looks where sshd listens.
const seeForward = "look where the port is open"

// pullScript pulls the image by its digest and gives it the name of its version.
func pullScript(env Env, addr string, outlet *registry.Outlet, image registry.Image) script.Script {
	name := env.Scope.Project.AbsoluteImage(env.Version)
	_, port, _ := net.SplitHostPort(addr)
	pull := docker.PullFrom.Call(addr).Add(shell.Secret(outlet.Auth())).Lits(image.Repository+"@"+image.Digest(), name)
	return script.Script{Prelude: env.prelude(), Steps: []script.Step{
		{Name: seeForward, Run: docker.OpenBeyondLoopback.Call(port), Captured: true, VerboseOnly: true, BestEffort: true},
		{Name: pullStep(name), Run: pull, Captured: true},
		checkStep(env, name),
	}}
}

func pullStep(name string) string { return "pull " + name }

// warnOpen reports a forward that others than this host can reach. They cannot log in.
func warnOpen(env Env, host string, seen script.Result) {
	if seen.Text() != "" {
		env.Sink(event.Warning{Host: host, Text: "sshd opens forwarded ports to the network: set GatewayPorts to no in sshd_config. " +
			"The port of this run needs a login that nobody else has"})
	}
}

// forwarder is a connection that can forward a port of the host to this machine.
type forwarder interface {
	Forward(ctx context.Context, remoteAddr string, dial func(context.Context) (net.Conn, error)) (*remote.Forward, error)
}

// forward opens a port on the loopback of the host that leads to the outlet. It is always the same
// one where that is free: docker remembers for each layer where it came from.
func forward(ctx context.Context, env Env, h remote.Host, dial func(context.Context) (net.Conn, error)) (*remote.Forward, error) {
	from, ok := h.(forwarder)
	if !ok {
		return nil, errors.New("this connection cannot forward ports")
	}
	opened, err := from.Forward(ctx, "127.0.0.1:"+env.Scope.Project.Registry.Port(), dial)
	if err != nil && ctx.Err() == nil {
		opened, err = from.Forward(ctx, "127.0.0.1:0", dial)
	}
	if err != nil {
		return nil, &forwardError{err}
	}
	return opened, nil
}

// forwardError reports a host on which no port could be opened.
type forwardError struct{ err error }

func (e *forwardError) Error() string {
	return fmt.Sprintf("forward a port to this machine: %v", e.err)
}
func (e *forwardError) Unwrap() error { return e.err }

// Hint names what forbids it.
func (e *forwardError) Hint() string {
	return "set AllowTcpForwarding to yes or remote in the host's sshd_config, or use a registry"
}

func checkStep(env Env, name string) script.Step {
	return script.Step{
		Name: checkImage, Captured: true, VerboseOnly: true,
		Run: docker.Labelled.Call(name, docker.LabelService, env.Scope.Project.Service, app.SeeImageFormat),
	}
}
