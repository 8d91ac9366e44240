package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Engine is the version of Docker on the hosts and the deployer of a lab.
type Engine string

// The engines that a lab can have.
const (
	Docker29 Engine = "29"    // built from source; it keeps images in containerd's store
	Docker26 Engine = "26"    // Debian's
	Docker20 Engine = "20.10" // of the Debian before
)

// Engines returns all engines, the newest first.
var Engines = []Engine{Docker29, Docker26, Docker20}

// DefaultEngine returns the engine in the variable LAB_ENGINE, or else Docker29.
func DefaultEngine() Engine {
	if name := os.Getenv("LAB_ENGINE"); name != "" {
		return Engine(name)
	}
	return Docker29
}

func (e Engine) check() error {
	if !slices.Contains(Engines, e) {
		return fmt.Errorf("unknown engine %q: one of %v", e, Engines)
	}
	return nil
}

// deployer is the engine of a deployer beside hosts with this one. What 20.10 builds with asks the
// lab's registry over TLS, which that does not have; hosts do not build.
func (e Engine) deployer() Engine {
	if e == Docker20 {
		return Docker26
	}
	return e
}

// engineTag returns the tag of the image with the hosts' engine. Debian's own engine comes from a package.
func (t tools) engineTag(e Engine, packages string) string {
	switch e {
	case Docker29:
		return tagged("engine29", packages, t.engine.hash)
	case Docker20:
		return tagged("engine20", packages, embedded("Dockerfile.20.10"))
	}
	return packages
}

func (t tools) engineImages(e Engine, tags imageTags, log io.Writer) []imageBuild {
	r := imageBuild{tag: tags.engine, from: []string{tags.packages}}
	switch e {
	case Docker29:
		r.message = "making an image with Docker 29 (about 15 seconds, and a minute for runc the first time)"
		r.fetch = t.fetchEngine
		r.prepare = func(ctx context.Context) error { _, err := t.dockerPrograms(ctx, log); return err }
		r.make = func(ctx context.Context, tag string) error { return t.makeEngine(ctx, tag, tags.packages, log) }
	case Docker20:
		r.message = "making an image with Docker 20.10 (about 20 seconds)"
		r.make = func(ctx context.Context, tag string) error {
			return t.build(ctx, tag, "Dockerfile.20.10", tags.packages)
		}
	default:
		return nil
	}
	return []imageBuild{r}
}

// dockerVersion is that of the command line, which is released together with the engine.
func (t tools) dockerVersion() string {
	version, _, _ := strings.Cut(t.engine.version(dockerCLI), "+")
	return strings.TrimPrefix(version, "v")
}

// makeEngine builds the image with the programs of the engine.
func (t tools) makeEngine(ctx context.Context, tag, packages string, log io.Writer) error {
	programs, err := t.dockerPrograms(ctx, log)
	if err != nil {
		return err
	}
	runcProgram, err := t.engine.cached(t.runcName(), func(out string) error {
		fmt.Fprintln(log, "lab: building runc from source (about a minute the first time, then cached)")
		return t.buildRunc(ctx, out, packages)
	})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(programs), "engine-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	errs := []error{os.Link(runcProgram, filepath.Join(dir, "runc"))}
	for _, program := range dockerPrograms {
		errs = append(errs, os.Link(filepath.Join(programs, path.Base(program)), filepath.Join(dir, path.Base(program))))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	dockerfile := filepath.Join(t.engine.dir, "Dockerfile")
	_, err = output(dockerCommand(ctx, "build", "-q", "-t", tag, "--build-arg", "BASE="+packages, "-f", dockerfile, dir))
	return err
}

const (
	dockerCLI  = "github.com/docker/cli"
	moby       = "github.com/moby/moby/v2"
	containerd = "github.com/containerd/containerd/v2"
	runc       = "github.com/opencontainers/runc"
)

// dockerPrograms lists the programs that need no C compiler.
var dockerPrograms = []string{
	dockerCLI + "/cmd/docker", moby + "/cmd/dockerd", moby + "/cmd/docker-proxy",
	containerd + "/cmd/containerd", containerd + "/cmd/containerd-shim-runc-v2",
}

// dockerTags are build tags that leave out what a lab does not use.
const dockerTags = "no_btrfs,no_cri,no_devmapper,no_zfs"

// The names of programs in the cache.
func (t tools) dockerName() string { return "docker-" + t.dockerVersion() }
func (t tools) runcName() string   { return "runc-" + t.engine.version(runc) }

// fetchEngine downloads the modules of the programs that are not in the cache.
func (t tools) fetchEngine(ctx context.Context) error {
	_, docker, err := t.engine.lookup(t.dockerName())
	if err == nil && !docker {
		err = t.fetch(ctx, "0", dockerTags, dockerPrograms...)
	}
	_, runcBuilt, errRunc := t.engine.lookup(t.runcName())
	if err == nil && errRunc == nil && !runcBuilt {
		err = t.fetch(ctx, "1", runcTags, runc)
	}
	return firstOf(err, errRunc)
}

// fetch downloads the modules of programs.
func (t tools) fetch(ctx context.Context, cgo, tags string, programs ...string) error {
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-deps", "-tags", tags}, programs...)...)
	list.Dir, list.Env = t.engine.dir, append(goEnv(), "CGO_ENABLED="+cgo)
	_, err := output(list)
	return err
}

// dockerPrograms is the folder of the programs, which are built unless they are there.
func (t tools) dockerPrograms(ctx context.Context, log io.Writer) (dir string, err error) {
	return t.engine.cached(t.dockerName(), func(out string) error {
		fmt.Fprintln(log, "lab: building Docker 29 from source (about 5 minutes on two cores the first time, then cached)")
		if err := os.MkdirAll(out, 0o755); err != nil {
			return err
		}
		version := t.dockerVersion()
		flags := fmt.Sprintf("-X %s/dockerversion.Version=%s -X %s/cli/version.Version=%s", moby, version, dockerCLI, version)
		args := append([]string{"-tags", dockerTags}, dockerPrograms...)
		return goBuild(ctx, t.engine.dir, out, flags, args...)
	})
}

// runcTags are those of runc's own releases that need no further library.
const runcTags = "seccomp,urfave_cli_no_docs,netgo,osusergo"

// buildRunc builds runc in a container: it needs a C compiler and libseccomp, which this machine
// need not have, and is linked against the library of the hosts.
func (t tools) buildRunc(ctx context.Context, out, packages string) error {
	const script = `{ apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends gcc libc6-dev libseccomp-dev pkgconf
cd /src
PATH=$PATH:/goroot/bin CGO_ENABLED=1 GOFLAGS= GOPROXY=off GOTOOLCHAIN=local GOMODCACHE=/modules GOCACHE=/tmp/cache \
  go build -trimpath -buildvcs=false -ldflags '-s -w' -tags "$1" -o /tmp/runc ` + runc + `
} >&2
cat /tmp/runc`
	root, modules, err := t.goPlaces(ctx)
	if err != nil {
		return err
	}
	program, err := os.OpenFile(out, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	defer program.Close()
	cmd := dockerCommand(ctx, "run", "--rm", "-v", root+":/goroot:ro", "-v", modules+":/modules:ro", "-v", t.engine.dir+":/src:ro",
		packages, "/bin/bash", "-ec", script, "bash", runcTags)
	said := &limited{}
	cmd.Stdout, cmd.Stderr = program, said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build runc: %w%s", err, tail(said.String()))
	}
	return program.Close()
}

// goPlaces returns the folders of Go and of its module cache.
func (t tools) goPlaces(ctx context.Context) (root, modules string, err error) {
	for _, v := range []struct {
		name string
		to   *string
	}{{"GOROOT", &root}, {"GOMODCACHE", &modules}} {
		cmd := exec.CommandContext(ctx, "go", "env", v.name)
		cmd.Dir, cmd.Env = t.engine.dir, goEnv()
		if *v.to, err = output(cmd); err != nil {
			return "", "", err
		}
	}
	return root, modules, nil
}
