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

// pullFromHere pulls the image of the run's version on hosts from the cache of this machine. again
// rebuilds an image that turns out to be damaged; it may be nil.
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
	// docker stops at the first damaged blob. Verify drops all of them, so that the build writes them again.
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
	return onEach(ctx, env, hosts, func(ctx context.Context, h remote.Host) error {
		began := time.Now()
		transfer := pullProgress(env, h.Name(), time.Now)
		port, err := forward(ctx, env, h, outlet.DialFor(transfer))
		if err != nil {
			return err
		}
		defer port.Close()
		results, err := pullScript(env, port.Addr().String(), outlet, image).Run(ctx, h, env.Sink)
		warnExposedPort(env, h.Name(), results.Of(checkForward))
		if err == nil {
			pulled(env, h.Name(), results, event.Reached{Took: time.Since(began), Sent: transfer.Sent()})
		}
		return err
	})
}

// checkForward is the step that looks at which addresses sshd opened the forwarded port.
var checkForward = new(script.Key)

// pullScript pulls the image by digest from addr, a forwarded port on the host, and tags it with the
// version.
func pullScript(env Env, addr string, outlet *registry.Outlet, image registry.Image) script.Script {
	name := env.Scope.Project.AbsoluteImage(env.Version)
	_, port, _ := net.SplitHostPort(addr)
	pull := docker.PullFrom.Call(addr).Add(shell.Secret(outlet.Auth())).Lits(image.Repository+"@"+image.Digest(), name)
	return script.Script{Prelude: env.prelude(), Steps: []script.Step{
		{Name: "look where the port is open", Key: checkForward, Run: docker.OpenBeyondLoopback.Call(port), Captured: true, VerboseOnly: true, BestEffort: true},
		{Name: pullStep(name), Run: pull, Captured: true},
		checkStep(env, name),
	}}
}

func pullStep(name string) string { return "pull " + name }

// warnExposedPort warns of a forwarded port that other machines can reach. They cannot log in to it.
func warnExposedPort(env Env, host string, seen script.Result) {
	if seen.Text() != "" {
		env.Sink(event.Warning{Host: host, Text: "sshd opens forwarded ports to the network: set GatewayPorts to no in sshd_config. " +
			"The forwarded port of this run needs a login, so the image is safe"})
	}
}

// forwarder is a connection that can forward a port of the host to this machine.
type forwarder interface {
	Forward(ctx context.Context, remoteAddr string, dial func(context.Context) (net.Conn, error)) (*remote.Forward, error)
}

// forward opens a port on the loopback of the host and connects it by dial. It prefers the configured
// port: docker's containerd store keeps a label per source with each layer, and a new port each time
// would add a label each time.
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

// forwardError reports a host whose sshd forwards no port to this machine.
type forwardError struct{ err error }

func (e *forwardError) Error() string {
	return fmt.Sprintf("forward a port to this machine: %v", e.err)
}
func (e *forwardError) Unwrap() error { return e.err }

// Hint names the setting of sshd that forbids forwarding.
func (e *forwardError) Hint() string {
	return "set AllowTcpForwarding to yes or remote in the host's sshd_config, or use a registry"
}

func checkStep(env Env, name string) script.Step {
	return script.Step{
		Name: "check the image's label", Key: checkImage, Captured: true, VerboseOnly: true,
		Run: docker.Labelled.Call(name, docker.LabelService, env.Scope.Project.Service, app.SeeImageFormat),
	}
}
