package workflow

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/image"
	"mrsk/internal/lock"
	"mrsk/internal/observe"
)

// BuildOptions are the options of commands that build an image.
type BuildOptions struct {
	Project string // the folder to build in
	Output  string // an output type of buildx; "" is registry, which pushes the image
	NoCache bool   // build without the build cache
}

// PushImage builds the image of the run's version and pushes it. It changes no host.
func PushImage(ctx context.Context, env Env, o BuildOptions) error {
	_, err := pushImage(ctx, env, o)
	return err
}

// rebuild builds and pushes the image of the run once more. It is nil if the run built no image.
type rebuild func(context.Context) error

func pushImage(ctx context.Context, env Env, o BuildOptions) (rebuild, error) {
	archs := make(chan []string, 1)
	if err := askArchitectures(ctx, env, archs); err != nil {
		return nil, err
	}
	return buildImage(ctx, env, o, archs)
}

// DeliverImage builds the image, pushes it, and pulls it on the hosts.
func DeliverImage(ctx context.Context, env Env, o BuildOptions) error {
	again, err := pushImage(ctx, env, o)
	if err != nil {
		return err
	}
	return pullImage(ctx, env, again)
}

// BuildDev builds the image of the working tree, uncommitted changes included, and does not push it.
func BuildDev(ctx context.Context, env Env, o BuildOptions) error {
	spec := image.SpecOf(env.Scope.Project, env.Secrets, env.Version, nil).Development(o.Output)
	spec.NoCache = o.NoCache
	b, err := image.Prepare(ctx, imageOptions(env, spec, o.Project))
	if err != nil {
		return err
	}
	_, err = b.Push(ctx)
	return err
}

// Builder returns a build with the configured builder. project is the folder of the project.
func Builder(ctx context.Context, env Env, project string) (*image.Build, error) {
	return image.Open(ctx, imageOptions(env, image.SpecOf(env.Scope.Project, env.Secrets, env.Version, env.Scope.Project.Builder.Arch), project))
}

// buildWhilePrefetching builds and pushes the image, and observes the hosts at the same time. So a
// deploy that a host must refuse fails before the build ends.
func buildWhilePrefetching(ctx context.Context, env Env, o BuildOptions) (again rebuild, err error) {
	work, ctx := errgroup.WithContext(ctx)
	archs := make(chan []string, 1)
	work.Go(func() error { return prefetch(ctx, env, archs) })
	work.Go(func() (err error) {
		again, err = buildImage(ctx, env, o, archs)
		return err
	})
	err = work.Wait()
	return again, err
}

// prefetch observes the facts that a rollout can reuse, and fails if another run holds the lock. It
// sends the architectures of the hosts to archs.
func prefetch(ctx context.Context, env Env, archs chan<- []string) error {
	defer close(archs)
	seen, err := env.Observer.Prefetch(ctx, env.Scope.AppHosts(), observe.Want{Locks: true})
	if err != nil {
		return err
	}
	archs <- architectures(seen)
	err = lock.Check(appFacts(env, seen), env.token())
	if held := new(*lock.HeldError); errors.As(err, held) && env.Lock.Wait.Timeout > 0 {
		return nil // with a lock wait: the lock may be free when the image is built
	}
	return err
}

// askArchitectures sends the architectures of the hosts to archs. It asks no host if the configuration
// names the architectures.
func askArchitectures(ctx context.Context, env Env, archs chan<- []string) error {
	defer close(archs)
	if len(env.Scope.Project.Builder.Arch) > 0 {
		return nil
	}
	seen, err := env.Observer.Prefetch(ctx, env.Scope.AppHosts(), observe.Want{})
	archs <- architectures(seen)
	return err
}

func architectures(seen map[string]facts.Host) []string {
	var all []string
	for _, h := range seen {
		all = append(all, h.Engine.Arch)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// buildImage builds and pushes the image. It waits for the architectures of the hosts only when the
// configuration names none.
func buildImage(ctx context.Context, env Env, o BuildOptions, archs <-chan []string) (rebuild, error) {
	if err := env.Fleet.Prepare(ctx); err != nil {
		return nil, err
	}
	var hostArch []string
	if len(env.Scope.Project.Builder.Arch) == 0 {
		hostArch = <-archs
	}
	spec := image.SpecOf(env.Scope.Project, env.Secrets, env.Version, hostArch)
	spec.NoCache, spec.Output = o.NoCache, o.Output
	b, err := image.Prepare(ctx, imageOptions(env, spec, o.Project))
	if err != nil {
		return nil, err
	}
	again := func(ctx context.Context) error {
		_, err := b.Push(ctx)
		return err
	}
	return again, pushBuild(ctx, env, b)
}

func pushBuild(ctx context.Context, env Env, b *image.Build) error {
	if err := preBuild(ctx, env, b); err != nil {
		return err
	}
	if _, err := b.Push(ctx); err != nil || !b.Pushes() {
		return err
	}
	return env.hook(ctx, hook.PostPush)
}

// preBuild runs the hook pre-build. It logs in to the registry first, because the hook may push or
// pull. Without a hook, the build logs in while it prepares the source.
func preBuild(ctx context.Context, env Env, b *image.Build) error {
	if !env.Hooks.Has(hook.PreBuild) {
		return nil
	}
	if err := b.Login(ctx); err != nil {
		return err
	}
	return env.hook(ctx, hook.PreBuild)
}

func imageOptions(env Env, spec image.Spec, project string) image.Options {
	return image.Options{
		Spec: spec, Project: project, Events: env.Sink, Images: env.Images, Environ: env.Environ,
		Reach: func(ctx context.Context, endpoint string) error { return reachBuilder(ctx, env, endpoint) },
	}
}

// reachBuilder logs in to the machine of a remote builder before docker does. mrsk checks the host key
// and explains a failure; docker only reports that its ssh failed.
func reachBuilder(ctx context.Context, env Env, endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "ssh" || u.User.Username() == "" {
		return nil // without a user name, only docker knows as whom it logs in
	}
	_, err = env.Fleet.Host(ctx, u.User.Username()+"@"+u.Host)
	return err
}
