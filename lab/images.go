package lab

import (
	"archive/tar"
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

//go:embed images/host/*
var hostFiles embed.FS

// imageTags names the images of a lab; a tag says what its image was made of.
type imageTags struct {
	base, packages, traefik, busybox, app, seed string

	engine   string // Debian's packages with the engine that was asked for
	host     string // of the hosts
	parts    string // of the parts that run no engine; it has Debian's
	deployer string // the host image, or parts where the engine is too old to build with
}

// Images builds the images of labs with these engines that are missing. It writes a line to log
// before each step that takes long.
func Images(ctx context.Context, log io.Writer, engines ...Engine) error {
	for _, e := range engines {
		if err := e.check(); err != nil {
			return err
		}
	}
	tools, err := buildTools(ctx)
	if err != nil {
		return err
	}
	return tools.makeImages(ctx, engines, quiet(log), "")
}

// makeImages makes what is missing of all images but one, which is not needed.
func (t tools) makeImages(ctx context.Context, engines []Engine, log io.Writer, without string) error {
	log = &lockedWriter{w: log}
	builds := slices.DeleteFunc(t.builds(engines, log), func(r imageBuild) bool { return r.tag == without })
	// Most labs find all images and need not wait for a process that builds others.
	if todo, err := missing(ctx, builds); err != nil || len(todo) == 0 {
		return err
	}
	unlock, err := lockCache("images.lock", log)
	if err != nil {
		return err
	}
	defer unlock()
	todo, err := missing(ctx, builds)
	if err != nil {
		return err
	}
	return buildImages(ctx, todo, log)
}

func missing(ctx context.Context, builds []imageBuild) ([]imageBuild, error) {
	there, err := docker(ctx, "images", "--filter", "reference=mrsk-lab/*", "--format", "{{.Repository}}:{{.Tag}}")
	if err != nil {
		return nil, fmt.Errorf("no Docker engine for the lab: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(builds), func(r imageBuild) bool {
		return strings.Contains("\n"+there+"\n", "\n"+r.tag+"\n")
	}), nil
}

func (t tools) tags(e Engine) imageTags {
	var tags imageTags
	tags.base = tagged("base", release)
	tags.packages = tagged("packages", tags.base, embedded("Dockerfile.packages"))
	tags.engine = t.engineTag(e, tags.packages)
	tags.host, tags.parts = t.hostTag(tags.engine), t.hostTag(tags.packages)
	tags.deployer = tags.host
	if e.deployer() != e {
		tags.deployer = tags.parts
	}
	tags.busybox = tagged("busybox", tags.packages, packBusybox, join(busyboxChanges))
	tags.app = tagged("app", tags.packages, packApp, join(appChanges), t.hash)
	tags.traefik = tagged("traefik", tags.packages, packTraefik, join(t.traefikChanges()), traefikEntry, t.traefik.hash)
	tags.seed = tagged("seed", tags.parts, fmt.Sprint(tags.seeded()))
	return tags
}

func (t tools) hostTag(engine string) string {
	return tagged("host", engine, embedded("Dockerfile", "sshd.conf", "registry.yml", "containerd.toml", "start", "ready"), t.hash)
}

func join(lines []string) string { return strings.Join(lines, "\n") }

// tagged names an image after all that goes into it.
func tagged(name string, inputs ...string) string {
	return "mrsk-lab/" + name + ":" + digest(inputs...)
}

func embedded(names ...string) string {
	var all strings.Builder
	for _, name := range names {
		content, err := hostFiles.ReadFile(path.Join("images/host", name))
		if err != nil {
			panic(err) // embedded, so it is there
		}
		all.Write(content)
	}
	return all.String()
}

// build runs docker build with the embedded files and the lab binary as its context.
func (t tools) build(ctx context.Context, tag, dockerfile, base string) error {
	files, err := t.buildContext()
	if err != nil {
		return err
	}
	cmd := dockerCommand(ctx, "build", "-q", "-t", tag, "--build-arg", "BASE="+base, "-f", dockerfile, "-")
	cmd.Stdin = files
	_, err = output(cmd)
	return err
}

func (t tools) buildContext() (io.Reader, error) {
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	err := fs.WalkDir(hostFiles, "images/host", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := hostFiles.ReadFile(name)
		return firstOf(err, addFile(w, placeOf(path.Base(name)), content))
	})
	if err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(t.lab)
	if err != nil {
		return nil, err
	}
	return &files, firstOf(addFile(w, "tree/usr/local/bin/lab", binary), w.Close())
}

// placeOf tells where a file goes: below tree if it is for the image.
func placeOf(name string) string {
	switch name {
	case "sshd.conf":
		return "tree/etc/ssh/sshd_config.d/lab.conf"
	case "registry.yml", "containerd.toml", "start", "ready":
		return "tree/lab/" + name
	}
	return name
}

// addFile leaves the time out, so that equal files make equal layers.
func addFile(w *tar.Writer, name string, content []byte) error {
	err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}
