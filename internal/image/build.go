package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/local"
	"mrsk/internal/registry"
)

// Options are the options of a build.
type Options struct {
	Spec    Spec
	Project string     // the directory that mrsk was started in
	Temp    string     // the directory for clones; "" is the system's temporary directory
	Events  event.Sink // receives progress and output; nil drops them
	// Reach logs in to another machine, given as the URL of its Docker endpoint, before a builder is
	// created there. Its errors are clearer than docker's. It may be nil.
	Reach func(ctx context.Context, url string) error
	// Docker locates the files of the operator's docker. The zero value uses the usual places.
	Docker local.Docker
	// Images is the cache of images that no registry holds.
	Images *registry.Store
	// Environ has further variables for programs, as NAME=value.
	Environ []string
	// Answer is the timeout of docker commands that only ask for information; 0 is a minute.
	Answer time.Duration
}

// Build builds and pushes one image. Prepare and Open return it after their checks.
type Build struct {
	o        Options
	plain    bool   // build with docker alone, without buildx
	engine   string // architecture of the local engine, if Spec.needsEngine
	loggedIn bool   // Push need not log in
	// loginUnverified tells that docker's files have a login, which the registry may refuse.
	loginUnverified bool
}

// Result describes an image that was built and pushed.
type Result struct {
	Names  Names
	Digest string // "sha256:…", as the registry has it; "" if docker does not report it
	// Size is how many bytes the image has, and Added how many of them the cache on this machine did not have
	// before; both are 0 if a registry has the image.
	Size, Added int64
}

// Prepare checks that the image can be built, and changes nothing. It fails with *MissingFileError if
// the Dockerfile is missing, and with the errors of Open.
func Prepare(ctx context.Context, o Options) (*Build, error) {
	b, err := newBuild(o)
	if err != nil {
		return nil, err
	}
	if err := b.checkDockerfile(b.o.Project); err != nil {
		return nil, err
	}
	return b, b.check(ctx)
}

// Open is Prepare without the check of the Dockerfile, for commands that manage the builder. It fails
// with *local.MissingError if docker is missing, *MissingBuildxError if the build needs buildx and it
// is missing, and *UnsupportedError if mrsk does not support the configuration.
func Open(ctx context.Context, o Options) (*Build, error) {
	b, err := newBuild(o)
	if err != nil {
		return nil, err
	}
	return b, b.check(ctx)
}

func newBuild(o Options) (*Build, error) {
	project, err := filepath.Abs(o.Project)
	if err != nil {
		return nil, fmt.Errorf("find the project's folder: %w", err)
	}
	o.Project = project
	if o.Temp == "" {
		o.Temp = os.TempDir()
	}
	if o.Events == nil {
		o.Events = func(event.Event) {}
	}
	if o.Docker.Folder == "" {
		o.Docker = local.FindDocker()
	}
	_, err = o.Spec.builderFor("")
	return &Build{o: o}, err
}

func (b *Build) check(ctx context.Context) error {
	if err := local.Find("docker"); err != nil {
		return err
	}
	if b.o.Spec.Builder.Pack != nil {
		return local.Find("pack")
	}
	if err := b.checkBuildx(ctx); err != nil {
		return err
	}
	return b.findEngine(ctx)
}

// Login logs the operator's docker in to the registry. If docker's files already hold the same login,
// Login trusts it without a request, and Push reports a login that the registry refuses.
func (b *Build) Login(ctx context.Context) error {
	r, secrets := b.o.Spec.Registry, b.o.Spec.Secrets
	if needsLogin(r) && b.o.Docker.LoggedIn(r.Server, secrets.Of(r.Username).Reveal(), secrets.Of(r.Password).Reveal()) {
		b.loggedIn, b.loginUnverified = true, true
		return nil
	}
	err := b.runner().logIn(ctx, r, secrets)
	b.loggedIn = err == nil
	return err
}

// Pushes reports whether Push pushes the image to a registry or the cache. It does not with an output
// other than registry.
func (b *Build) Pushes() bool { return b.o.Spec.pushes() }

// Push builds the image and pushes it. It builds from a clean clone of the checkout, or from
// builder.context if that is set. It logs in to the registry if Login has not. A failed command is a
// *FailedError.
func (b *Build) Push(ctx context.Context) (Result, error) {
	b.o.Events(event.Section{Text: b.o.Spec.title()})
	b.o.Events(event.Build{State: event.Began})
	began := time.Now()
	result, err := b.push(ctx)
	state := event.Done
	switch {
	case err != nil && ctx.Err() != nil:
		state = event.Cancelled
	case err != nil:
		state = event.Failed
	}
	b.o.Events(event.Build{State: state, Took: time.Since(began), Size: result.Size, Added: result.Added})
	return result, err
}

func (b *Build) push(ctx context.Context) (Result, error) {
	dir, release, err := b.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	result, err := b.build(ctx, dir)
	if err != nil && b.loginUnverified && ctx.Err() == nil {
		if refused := b.runner().logIn(ctx, b.o.Spec.Registry, b.o.Spec.Secrets); refused != nil {
			return Result{}, refused
		}
	}
	return result, err
}

// begin logs in and prepares the source at the same time. dir is the directory to build in; release
// lets other builds use it.
func (b *Build) begin(ctx context.Context) (dir string, release func(), err error) {
	work, ctx := errgroup.WithContext(ctx)
	if !b.loggedIn && !b.o.Spec.development {
		work.Go(func() error { return b.Login(ctx) })
	}
	work.Go(func() (err error) {
		dir, release, err = b.source(ctx)
		return err
	})
	if err := work.Wait(); err != nil {
		if release != nil {
			release()
		}
		return "", nil, err
	}
	return dir, release, nil
}

func (b *Build) build(ctx context.Context, dir string) (Result, error) {
	switch {
	case b.o.Spec.toCache():
		return b.buildToCache(ctx, dir)
	case b.o.Spec.Builder.Pack != nil:
		return b.buildThenPush(ctx, b.o.Spec.packBuild().in(dir))
	case b.plain:
		return b.buildThenPush(ctx, b.o.Spec.plainBuild().in(dir))
	}
	return b.buildx(ctx, dir)
}

// buildx builds and pushes with one command.
func (b *Build) buildx(ctx context.Context, dir string) (Result, error) {
	builder, err := b.builder(ctx)
	if err != nil {
		return Result{}, err
	}
	metadata, err := os.CreateTemp(b.o.Temp, "mrsk-build-*.json")
	if err != nil {
		return Result{}, fmt.Errorf("make a file for the image's digest: %w", err)
	}
	defer os.Remove(metadata.Name())
	metadata.Close()
	build := b.o.Spec.build(builder, destination{b.o.Spec.output(), metadata.Name()})
	if err := b.runner().run(ctx, "build image", build.in(dir)); err != nil {
		return Result{}, err
	}
	return Result{Names: b.o.Spec.Names, Digest: b.builtDigest(metadata.Name())}, nil
}

// buildThenPush runs a build that leaves the image in the local engine, and then pushes it.
func (b *Build) buildThenPush(ctx context.Context, build command) (Result, error) {
	r := b.runner()
	if err := r.run(ctx, "build image", build); err != nil {
		return Result{}, err
	}
	if !b.o.Spec.pushes() {
		return Result{Names: b.o.Spec.Names}, nil
	}
	for _, push := range b.o.Spec.pushCommands() {
		if err := r.run(ctx, "push "+push.args[len(push.args)-1], push); err != nil {
			return Result{}, err
		}
	}
	return Result{Names: b.o.Spec.Names, Digest: b.pushedDigest(ctx)}, nil
}

// checkDockerfile checks the folder that is built: the project, or a clone of it.
func (b *Build) checkDockerfile(dir string) error {
	return CheckDockerfile(b.o.Spec.Builder, dir, dir != b.o.Project)
}

// CheckDockerfile fails with *MissingFileError if dir has no Dockerfile. Builds that use none pass. inClone
// says that dir is a clone of the project, which lacks what is not committed.
func CheckDockerfile(builder config.Builder, dir string, inClone bool) error {
	if builder.RemoteContext() || builder.Pack != nil {
		return nil
	}
	path := dockerfile(builder)
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(dir, path)
	}
	info, err := os.Stat(full)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return &MissingFileError{Path: path, Dir: dir, InClone: inClone}
	}
	if err != nil {
		return fmt.Errorf("look for the Dockerfile: %w", err)
	}
	return nil
}

// checkBuildx decides between buildx and docker alone.
func (b *Build) checkBuildx(ctx context.Context) error {
	if b.o.Docker.HasPlugin("buildx") {
		return nil
	}
	_, err := b.runner().output(ctx, docker("buildx", "version"))
	if err == nil || ctx.Err() != nil || isSilent(err) {
		return err
	}
	if reason := b.o.Spec.buildxReason(); reason != "" {
		return &MissingBuildxError{Needs: reason, Err: err}
	}
	b.plain = true
	b.o.Events(event.Note{Text: "docker's buildx plugin is missing; building without it"})
	return nil
}

// findEngine asks the local engine for its architecture if that decides which machine builds.
func (b *Build) findEngine(ctx context.Context) error {
	if !b.o.Spec.needsEngine() {
		return nil
	}
	out, err := b.runner().output(ctx, docker("info", "--format", "{{.Architecture}}"))
	if err != nil {
		return fmt.Errorf("ask docker for its architecture: %w", err)
	}
	names := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}
	b.engine = strings.TrimSpace(out)
	if name, ok := names[b.engine]; ok {
		b.engine = name
	}
	return nil
}

func (b *Build) runner() runner {
	return runner{b.o.Events, b.o.Project, b.o.Environ, b.o.Answer, engineOf(b.o.Docker)}
}
