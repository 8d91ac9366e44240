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

	"mrsk/internal/event"
	"mrsk/internal/local"
	"mrsk/internal/registry"
)

// Options says what to build, where, and who is told.
type Options struct {
	Spec    Spec
	Project string     // the directory that mrsk was started in
	Temp    string     // where clones are kept; "" is the system's temporary directory
	Events  event.Sink // nil tells nobody
	// Reach makes sure that another machine, given as the URL of its Docker endpoint, can be
	// logged in on, before a builder is made that uses it. Nil leaves that to docker.
	Reach func(ctx context.Context, url string) error
	// Docker is where the operator's docker keeps its files; the zero value finds them itself.
	Docker local.Docker
	// Images is where images are kept that go to no registry.
	Images *registry.Store
	// Answer is how long docker may take to answer a question; 0 is a minute.
	Answer time.Duration
}

// Build is a build that has been checked and can be run.
type Build struct {
	o        Options
	plain    bool // without buildx
	engine   string
	loggedIn bool // by this run, or as far as docker's files tell
	believed bool // nobody has asked the registry
}

// Result is an image that was pushed.
type Result struct {
	Names  Names
	Digest string // "sha256:…" of what the registry has; "" where docker does not tell
}

// Prepare checks that the image can be built, before anything is done: the Dockerfile is there,
// and what Open checks. It fails with *MissingFileError without the Dockerfile.
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

// Open checks that docker and its buildx plugin are installed; it serves the commands that look
// after the builder. It fails with *local.MissingError without docker, *MissingBuildxError where
// only buildx can build what is asked for, *UnsupportedError for what mrsk cannot do yet.
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

// Login logs the operator's docker in to the registry. Nothing happens where docker
// keeps just this one already: should it be no longer good, Push says so.
func (b *Build) Login(ctx context.Context) error {
	r := b.o.Spec.Registry
	if needsLogin(r) && b.o.Docker.LoggedIn(r.Server, r.Username.Value.Reveal(), r.Password.Value.Reveal()) {
		b.loggedIn, b.believed = true, true
		return nil
	}
	err := b.runner().logIn(ctx, r)
	b.loggedIn = err == nil
	return err
}

// Pushes reports whether Push pushes: it leaves the image elsewhere where another output is asked
// for.
func (b *Build) Pushes() bool { return b.o.Spec.pushes() }

// Push builds the image and pushes it, out of a clean clone of the checkout unless a build
// context is configured. It logs in to the registry if Login has not. A build that fails is a
// *FailedError.
func (b *Build) Push(ctx context.Context) (Result, error) {
	b.o.Events(event.Section{Text: b.o.Spec.title()})
	dir, release, err := b.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	result, err := b.build(ctx, dir)
	if err != nil && b.believed && ctx.Err() == nil {
		if refused := b.runner().logIn(ctx, b.o.Spec.Registry); refused != nil {
			return Result{}, refused
		}
	}
	return result, err
}

// begin logs in and gets the source ready at the same time.
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
	case b.o.Spec.own():
		return b.intoCache(ctx, dir)
	case b.o.Spec.Builder.Pack != nil:
		return b.buildThenPush(ctx, b.o.Spec.packBuild().in(dir))
	case b.plain:
		return b.buildThenPush(ctx, b.o.Spec.plainBuild().in(dir))
	}
	return b.buildx(ctx, dir)
}

// buildx builds and pushes in one go.
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
	return Result{b.o.Spec.Names, b.builtDigest(metadata.Name())}, nil
}

// buildThenPush is for programs that leave the image with the local engine.
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
	return Result{b.o.Spec.Names, b.pushedDigest(ctx)}, nil
}

// checkDockerfile looks for the Dockerfile in dir, where the build is going to run.
func (b *Build) checkDockerfile(dir string) error {
	if b.o.Spec.elsewhere() || b.o.Spec.Builder.Pack != nil {
		return nil
	}
	path := b.o.Spec.dockerfile()
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(dir, path)
	}
	info, err := os.Stat(full)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return &MissingFileError{Path: path, Dir: dir, InClone: dir != b.o.Project}
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
	if reason := b.o.Spec.plainReason(); reason != "" {
		return &MissingBuildxError{Needs: reason, Err: err}
	}
	b.plain = true
	b.o.Events(event.Note{Text: "docker's buildx plugin is missing: building with docker alone"})
	return nil
}

// findEngine asks the local engine for its architecture, where that decides who builds.
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

func (b *Build) runner() runner { return runner{b.o.Events, b.o.Project, b.o.Answer} }
