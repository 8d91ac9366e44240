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
	"time"
)

//go:embed images/host/*
var hostFiles embed.FS

// imageTags names the images of a lab; a tag says what its image was made of.
type imageTags struct {
	base, packages, host, traefik, busybox, app, seed string
}

// A recipe makes one image when its tag is missing.
type recipe struct {
	tag  string
	says string // what is done, and how long it takes
	make func(ctx context.Context, tag string) error
}

// Images builds the images of a lab with that engine that are missing. It writes a line to log
// before each step that takes long.
func Images(ctx context.Context, e Engine, log io.Writer) error {
	o, err := Options{Engine: e, Log: log}.withDefaults()
	if err != nil {
		return err
	}
	_, err = makeImages(ctx, o.Engine, o.Log)
	return err
}

func makeImages(ctx context.Context, e Engine, log io.Writer) (imageTags, error) {
	tools, err := buildTools(ctx)
	if err != nil {
		return imageTags{}, err
	}
	tags, recipes := tools.recipes(e, log)
	// Most labs find all images and need not wait for a process that builds others.
	if todo, err := missing(ctx, recipes); err != nil || len(todo) == 0 {
		return tags, err
	}
	unlock, err := lockCache("images.lock", log)
	if err != nil {
		return imageTags{}, err
	}
	defer unlock()
	todo, err := missing(ctx, recipes)
	for _, r := range todo {
		if err := r.run(ctx, log); err != nil {
			return imageTags{}, err
		}
	}
	return tags, err
}

func missing(ctx context.Context, recipes []recipe) ([]recipe, error) {
	there, err := docker(ctx, "images", "--filter", "reference=mrsk-lab/*", "--format", "{{.Repository}}:{{.Tag}}")
	if err != nil {
		return nil, fmt.Errorf("no Docker engine for the lab: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(recipes), func(r recipe) bool {
		return strings.Contains("\n"+there+"\n", "\n"+r.tag+"\n")
	}), nil
}

func (r recipe) run(ctx context.Context, log io.Writer) error {
	fmt.Fprintf(log, "lab: %s\n", r.says)
	start := time.Now()
	if err := r.make(ctx, r.tag); err != nil {
		return fmt.Errorf("image %s: %w", r.tag, err)
	}
	fmt.Fprintf(log, "lab: image %s took %s\n", r.tag, time.Since(start).Round(100*time.Millisecond))
	return nil
}

// recipes are in the order of what is made from what.
func (t tools) recipes(e Engine, log io.Writer) (imageTags, []recipe) {
	var tags imageTags
	tags.base = tagged("base", release)
	tags.packages = tagged("packages", tags.base, embedded("Dockerfile.packages"))
	engine, engineRecipes := t.engineRecipe(e, tags.packages, log)
	tags.host = tagged("host", engine, embedded("Dockerfile", "sshd.conf", "registry.yml", "containerd.toml", "start", "ready"), t.hash)
	tags.busybox = tagged("busybox", tags.packages, packBusybox, join(busyboxChanges))
	tags.app = tagged("app", tags.packages, packApp, join(appChanges), t.hash)
	tags.traefik = tagged("traefik", tags.packages, packTraefik, join(t.traefikChanges()), traefikEntry, t.traefik.hash)
	tags.seed = tagged("seed", tags.host, fmt.Sprint(tags.seeded()))
	return tags, slices.Concat([]recipe{
		{
			tags.base, "making the base image, Debian " + release + " (about a minute)",
			func(ctx context.Context, tag string) error { return makeBase(ctx, tag, log) },
		},
		{
			tags.packages, "installing sshd, Docker and more into an image (about a minute and a half)",
			func(ctx context.Context, tag string) error {
				return t.build(ctx, tag, "Dockerfile.packages", tags.base)
			},
		},
	}, engineRecipes, []recipe{
		{
			tags.host, "making the host image (about 10 seconds)",
			func(ctx context.Context, tag string) error { return t.build(ctx, tag, "Dockerfile", engine) },
		},
		{
			tags.busybox, "making the busybox image (about 2 seconds)",
			func(ctx context.Context, tag string) error {
				return pack(ctx, tag, tags.packages, packBusybox, busyboxChanges)
			},
		},
		{
			tags.app, "making the sample app's image (about 2 seconds)",
			func(ctx context.Context, tag string) error {
				return pack(ctx, tag, tags.packages, packApp, appChanges, mount{t.lab, "/lab.bin"})
			},
		},
		{
			tags.traefik, "making the Traefik image (about 15 seconds once Traefik is there)",
			func(ctx context.Context, tag string) error { return t.makeTraefik(ctx, tag, tags.packages, log) },
		},
		{
			tags.seed, "putting images into a registry (about 15 seconds)",
			func(ctx context.Context, tag string) error { return makeSeed(ctx, tag, tags) },
		},
	})
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
