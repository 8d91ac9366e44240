package workflow

import (
	"context"
	"net/url"

	"mrsk/internal/image"
)

// PushImage builds the image of the run's version and pushes it, and leaves the hosts alone.
func (r *Run) PushImage(ctx context.Context, o DeployOptions) error {
	archs := make(chan []string, 1)
	if err := r.askArchitectures(ctx, archs); err != nil {
		return err
	}
	_, err := r.Build(ctx, o, archs)
	return err
}

// BuildDev builds the image of the working tree for the operator's machine.
func (r *Run) BuildDev(ctx context.Context, o DeployOptions) error {
	spec := image.SpecOf(r.Scope.Project, r.Version, nil).Development(o.Output)
	spec.NoCache = o.NoCache
	b, err := image.Prepare(ctx, r.imageOptions(spec, o.Project))
	if err != nil {
		return err
	}
	_, err = b.Push(ctx)
	return err
}

// askArchitectures asks the hosts only when the configuration does not say for which
// architectures to build.
func (r *Run) askArchitectures(ctx context.Context, archs chan<- []string) error {
	defer close(archs)
	if len(r.Scope.Project.Builder.Arch) > 0 {
		return nil
	}
	seen, err := r.observer().Prefetch(ctx, r.Scope.AppHosts(), r.want())
	archs <- architectures(seen)
	return err
}

// Deliver builds the image, pushes it and brings it to the hosts.
func (r *Run) Deliver(ctx context.Context, o DeployOptions) error {
	if err := r.PushImage(ctx, o); err != nil {
		return err
	}
	return r.Pull(ctx)
}

// Builder is what looks after the builder of the configuration.
func (r *Run) Builder(ctx context.Context, project string) (*image.Build, error) {
	return image.Open(ctx, r.imageOptions(image.SpecOf(r.Scope.Project, r.Version, r.Scope.Project.Builder.Arch), project))
}

func (r *Run) imageOptions(spec image.Spec, project string) image.Options {
	return image.Options{Spec: spec, Project: project, Events: r.Sink, Reach: r.reach}
}

// reach logs in on a machine that docker is going to use by ssh. Docker would only tell that it
// failed; and it is here that an unknown host key is taken in, or refused.
func (r *Run) reach(ctx context.Context, endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "ssh" || u.User.Username() == "" {
		return nil // docker knows by what name to log in
	}
	h, err := r.Fleet.Host(ctx, u.User.Username()+"@"+u.Host)
	if err != nil {
		return err
	}
	_, err = r.leadToRegistry(ctx, h) // as long as the connection lives: the build is what uses it
	return err
}
