package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/hook"
	"mrsk/internal/image"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
)

// DeployOptions say how to deploy.
type DeployOptions struct {
	Verb     string // deploy or redeploy
	SkipPush bool   // the image is in the registry already
	Output   string // what becomes of the image, as buildx names it; "" is registry
	NoCache  bool
	Project  string // folder to build in
}

// Deploy builds the image, brings it to the hosts and rolls it out.
func (r *Run) Deploy(ctx context.Context, o DeployOptions) error {
	if err := r.Check(); err != nil {
		return err
	}
	return r.deploy(ctx, o, r.Scope.AppHosts(), r.Pull, r.Planner(o.Verb, true))
}

// deploy is Deploy with what images brings, and as it is planned for hosts.
func (r *Run) deploy(ctx context.Context, o DeployOptions, hosts []string, images func(context.Context) error, planner Planner) error {
	began := r.Now()
	r.Changing()
	if err := r.build(ctx, o); err != nil {
		return err
	}
	if err := r.rollOut(ctx, hosts, images, planner); err != nil {
		return err
	}
	return r.done(ctx, hook.PostDeploy, began)
}

// Rollback rolls out the version of the run, whose image is on the hosts already. Where it is not,
// that is told before a hook has run.
func (r *Run) Rollback(ctx context.Context) error {
	if err := r.Check(); err != nil {
		return err
	}
	began := r.Now()
	if err := r.findVersion(ctx); err != nil {
		return err
	}
	if err := r.rollOut(ctx, r.Scope.AppHosts(), nothing, r.Planner("rollback", false)); err != nil {
		return err
	}
	return r.done(ctx, hook.PostRollback, began)
}

// findVersion looks for the version of the run, which may be the beginning of one, on the hosts.
func (r *Run) findVersion(ctx context.Context) error {
	seen, err := r.Observe(ctx, r.Scope.AppHosts())
	if err != nil {
		return err
	}
	version, err := deploy.FindVersion(r.Scope, seen, r.Version)
	if err != nil {
		return err
	}
	if version != r.Version {
		r.Sink(event.Note{Text: "Version " + r.Version + " is " + version})
		r.Version = version
	}
	return r.request("rollback", false, seen).MissingImage()
}

// Boot rolls out the version of the run, whose image is on the hosts already, without the hooks and the release command of a deploy.
func (r *Run) Boot(ctx context.Context) error {
	if err := r.Check(); err != nil {
		return err
	}
	if err := r.findVersion(ctx); err != nil {
		return err
	}
	hosts := r.Scope.AppHosts()
	return r.WithLease(ctx, hosts, func(ctx context.Context) error {
		return r.changeAndShare(ctx, hosts, r.Planner("boot", false))
	})
}

// changeAndShare is change; hosts that receive their certificates get them behind it.
func (r *Run) changeAndShare(ctx context.Context, hosts []string, make Planner) error {
	err := r.change(ctx, hosts, make)
	if err == nil {
		r.shareAfter(ctx, certificateWait)
	}
	return err
}

// done ends a command whose new version serves: the hook is told how long it took.
func (r *Run) done(ctx context.Context, name string, began time.Time) error {
	took := r.Now().Sub(began)
	vars := r.vars(r.Scope.Hosts())
	vars.Runtime = took
	if err := r.Hooks.Run(ctx, name, vars); err != nil {
		return fmt.Errorf("version %s is live, but %w", r.Version, err)
	}
	hosts := r.Scope.AppHosts()
	where := strings.Join(hosts, ", ")
	if len(hosts) > 3 {
		where = fmt.Sprintf("%d hosts", len(hosts))
	}
	r.Sink(event.Note{Text: fmt.Sprintf("Done in %.1f s: version %s serves on %s", took.Seconds(), r.Version, where)})
	return nil
}

func nothing(context.Context) error { return nil }

// rollOut brings the run's version up under the lease, which is taken while the images come.
func (r *Run) rollOut(ctx context.Context, hosts []string, images func(context.Context) error, planner Planner) error {
	return r.withLease(ctx, hosts, images, func(ctx context.Context) error {
		if err := r.hook(ctx, hook.PreDeploy); err != nil {
			return err
		}
		return r.changeAndShare(ctx, hosts, planner)
	})
}

// Planner plans the rollout of the run's version.
func (r *Run) Planner(verb string, release bool) Planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		return deploy.Rollout(r.request(verb, release, seen))
	}
}

func (r *Run) request(verb string, release bool, seen map[string]facts.Host) deploy.Request {
	return deploy.Request{
		Scope: r.Scope, Verb: verb, Version: r.Version, Token: r.Token, Facts: seen,
		Release: release, Prune: true,
	}
}

// build makes the image of the run's version. While it is built here, the hosts are looked at: so
// that whoever cannot deploy hears it before the build is done.
func (r *Run) build(ctx context.Context, o DeployOptions) error {
	if o.SkipPush {
		return nil
	}
	work, ctx2 := errgroup.WithContext(ctx)
	archs := make(chan []string, 1)
	work.Go(func() error { return r.prefetch(ctx2, archs) })
	work.Go(func() error {
		_, err := r.Build(ctx2, o, archs)
		return err
	})
	return work.Wait()
}

// prefetch looks at what will not have to be looked at again.
func (r *Run) prefetch(ctx context.Context, archs chan<- []string) error {
	defer close(archs)
	r.WithLocks = true
	seen, err := r.observer().Prefetch(ctx, r.Scope.AppHosts(), r.want())
	if err != nil {
		return err
	}
	archs <- architectures(seen)
	err = lock.Check(inOrder(r.Scope, seen), r.token())
	if held := new(*lock.HeldError); errors.As(err, held) && r.LockWait.Timeout > 0 {
		return nil // it may be free by the time that the image is built
	}
	return err
}

func inOrder(c *config.Scope, seen map[string]facts.Host) []facts.Host {
	var out []facts.Host
	for _, name := range c.AppHosts() {
		out = append(out, seen[name])
	}
	return out
}

func architectures(seen map[string]facts.Host) []string {
	var out []string
	for _, h := range seen {
		out = append(out, h.Engine.Arch)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Build builds and pushes the image. archs brings the architectures of the hosts, which are
// waited for only when the configuration does not name any.
func (r *Run) Build(ctx context.Context, o DeployOptions, archs <-chan []string) (image.Result, error) {
	if err := r.Fleet.Prepare(ctx); err != nil {
		return image.Result{}, err
	}
	var hostArch []string
	if len(r.Scope.Project.Builder.Arch) == 0 {
		hostArch = <-archs
	}
	spec := image.SpecOf(r.Scope.Project, r.Version, hostArch)
	spec.NoCache, spec.Output = o.NoCache, o.Output
	b, err := image.Prepare(ctx, r.imageOptions(spec, o.Project))
	if err != nil {
		return image.Result{}, err
	}
	return r.push(ctx, b)
}

func (r *Run) push(ctx context.Context, b *image.Build) (image.Result, error) {
	if err := r.preBuild(ctx, b); err != nil {
		return image.Result{}, err
	}
	result, err := b.Push(ctx)
	if err != nil || !b.Pushes() {
		return result, err
	}
	return result, r.hook(ctx, hook.PostPush)
}

// preBuild runs the hook, which finds the operator's docker logged in. Without a hook the login
// is left to the build, which has something to do meanwhile.
func (r *Run) preBuild(ctx context.Context, b *image.Build) error {
	if !r.Hooks.Has(hook.PreBuild) {
		return nil
	}
	if err := b.Login(ctx); err != nil {
		return err
	}
	return r.hook(ctx, hook.PreBuild)
}

// errNoHosts is a selection that leaves nothing to deploy to.
var errNoHosts = errors.New("no hosts to deploy to")

// Check says why the run can do nothing at all.
func (r *Run) Check() error {
	if len(r.Scope.AppHosts()) == 0 {
		return errNoHosts
	}
	return nil
}
