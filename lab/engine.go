package lab

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Engine is the Docker that the hosts and the deployer of a lab run.
type Engine string

// The engines that a lab can have.
const (
	Docker29 Engine = "29"    // built from source; it keeps images in containerd's store
	Docker26 Engine = "26"    // Debian's
	Docker20 Engine = "20.10" // of the Debian before
)

// Engines are all that a lab can have, the newest first.
var Engines = []Engine{Docker29, Docker26, Docker20}

// DefaultEngine is what the variable LAB_ENGINE says, else Debian's.
func DefaultEngine() Engine {
	if name := os.Getenv("LAB_ENGINE"); name != "" {
		return Engine(name)
	}
	return Docker26
}

// engineRecipe makes the image whose engine hosts have. For Debian's own there is nothing to do.
func (t tools) engineRecipe(e Engine, packages string, log io.Writer) (tag string, recipes []recipe) {
	switch e {
	case Docker29:
		tag = tagged("engine29", packages, t.engine.hash)
		return tag, []recipe{{
			tag, "making an image with Docker 29 (about 15 seconds once Docker is there)",
			func(ctx context.Context, tag string) error { return t.makeEngine(ctx, tag, packages, log) },
		}}
	case Docker20:
		tag = tagged("engine20", packages, embedded("Dockerfile.20.10"))
		return tag, []recipe{{
			tag, "making an image with Docker 20.10 (about 20 seconds)",
			func(ctx context.Context, tag string) error { return t.build(ctx, tag, "Dockerfile.20.10", packages) },
		}}
	}
	return packages, nil
}

// dockerVersion is that of the command line, which is released together with the engine.
func (t tools) dockerVersion() string {
	version, _, _ := strings.Cut(t.engine.version(dockerCLI), "+")
	return strings.TrimPrefix(version, "v")
}

func (t tools) makeEngine(ctx context.Context, tag, packages string, log io.Writer) error {
	dir, err := t.engine.cached("docker-"+t.dockerVersion(), func(out string) error {
		fmt.Fprintln(log, "lab: building Docker 29 from source (about 5 minutes on two cores the first time, then cached)")
		return t.buildEngine(ctx, out, packages)
	})
	if err != nil {
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

// buildEngine puts the programs of the engine into the folder out.
func (t tools) buildEngine(ctx context.Context, out, packages string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	version := t.dockerVersion()
	flags := fmt.Sprintf("-X %s/dockerversion.Version=%s -X %s/cli/version.Version=%s", moby, version, dockerCLI, version)
	err := goBuild(ctx, t.engine.dir, out, flags, "-tags", "no_btrfs,no_cri,no_devmapper,no_zfs",
		dockerCLI+"/cmd/docker", moby+"/cmd/dockerd", moby+"/cmd/docker-proxy", containerd+"/cmd/containerd", containerd+"/cmd/containerd-shim-runc-v2")
	if err != nil {
		return err
	}
	return t.buildRunc(ctx, filepath.Join(out, "runc"), packages)
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
	root, modules, err := t.fetchRunc(ctx)
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

// fetchRunc downloads what runc is made of, and returns where Go and its modules lie.
func (t tools) fetchRunc(ctx context.Context) (root, modules string, err error) {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-tags", runcTags, runc)
	list.Dir, list.Env = t.engine.dir, append(goEnv(), "CGO_ENABLED=1")
	if _, err := output(list); err != nil {
		return "", "", err
	}
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
