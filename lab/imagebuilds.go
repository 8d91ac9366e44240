package lab

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// imageBuild builds an image whose tag is missing.
type imageBuild struct {
	tag     string
	from    []string                        // the images that it is built from
	message string                          // printed before: what is built, and how long it takes
	fetch   func(ctx context.Context) error // optional: downloads what prepare needs while other programs are built
	prepare func(ctx context.Context) error // optional: work that needs no other image, such as building programs
	make    func(ctx context.Context, tag string) error
}

// builds returns the builds of all images that labs with these engines need.
func (t tools) builds(engines []Engine, log io.Writer) []imageBuild {
	tags := t.tags(Docker26)
	builds := append(t.debianImages(tags, log), t.seedImages(tags, log)...)
	for _, e := range engines {
		own := t.tags(e)
		builds = append(builds, t.engineImages(e, own, log)...)
		for _, host := range [][2]string{{own.host, own.engine}, {own.parts, own.packages}} {
			builds = append(builds, t.hostImage(host[0], host[1]))
		}
	}
	return unique(builds)
}

func unique(builds []imageBuild) []imageBuild {
	var tags []string
	return slices.DeleteFunc(builds, func(r imageBuild) bool {
		known := slices.Contains(tags, r.tag)
		tags = append(tags, r.tag)
		return known
	})
}

func (t tools) debianImages(tags imageTags, log io.Writer) []imageBuild {
	return []imageBuild{
		{
			tag: tags.base, message: "making the base image, Debian " + release + " (about a minute)",
			make: func(ctx context.Context, tag string) error { return makeBase(ctx, tag, log) },
		},
		{
			tag: tags.packages, from: []string{tags.base}, message: "installing sshd, Docker and more into an image (about a minute and a half)",
			make: func(ctx context.Context, tag string) error {
				return t.build(ctx, tag, "Dockerfile.packages", tags.base)
			},
		},
	}
}

func (t tools) hostImage(tag, engine string) imageBuild {
	return imageBuild{
		tag: tag, from: []string{engine}, message: "making a host image (about 10 seconds)",
		make: func(ctx context.Context, tag string) error { return t.build(ctx, tag, "Dockerfile", engine) },
	}
}

// seedImages are the images that the registry of each lab has at the start.
func (t tools) seedImages(tags imageTags, log io.Writer) []imageBuild {
	packages := []string{tags.packages}
	return []imageBuild{
		{
			tag: tags.busybox, from: packages, message: "making the busybox image (about 2 seconds)",
			make: func(ctx context.Context, tag string) error {
				return pack(ctx, tag, tags.packages, packBusybox, busyboxChanges)
			},
		},
		{
			tag: tags.app, from: packages, message: "making the sample app's image (about 2 seconds)",
			make: func(ctx context.Context, tag string) error {
				return pack(ctx, tag, tags.packages, packApp, appChanges, mount{t.lab, "/lab.bin"})
			},
		},
		t.traefikImage(tags, log),
		{
			tag: tags.seed, from: []string{tags.parts, tags.busybox, tags.app, tags.traefik},
			message: "putting images into a registry (about 15 seconds)",
			make:    func(ctx context.Context, tag string) error { return makeSeed(ctx, tag, tags) },
		},
	}
}

// buildImages builds all images concurrently, each after the images that it is built from. The first
// failure cancels the others.
func buildImages(ctx context.Context, builds []imageBuild, log io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	b := imageBuilder{log: log, made: map[string]chan struct{}{}}
	for _, r := range builds {
		b.made[r.tag] = make(chan struct{})
	}
	var all sync.WaitGroup
	for _, r := range builds {
		all.Go(func() {
			if err := b.build(ctx, r); err != nil {
				cancel(fmt.Errorf("image %s: %w", r.tag, err))
				return
			}
			close(b.made[r.tag])
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// imageBuilder builds several images concurrently.
type imageBuilder struct {
	log  io.Writer
	made map[string]chan struct{} // closed when the image is built

	// preparing is held while programs are built: one build keeps all cores busy.
	preparing sync.Mutex
}

func (b *imageBuilder) build(ctx context.Context, r imageBuild) error {
	if r.fetch != nil {
		if err := r.fetch(ctx); err != nil {
			return err
		}
	}
	if err := b.prepare(ctx, r); err != nil {
		return err
	}
	for _, tag := range r.from {
		if made, missing := b.made[tag]; missing {
			select {
			case <-made:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	fmt.Fprintf(b.log, "lab: %s\n", r.message)
	start := time.Now()
	if err := r.make(ctx, r.tag); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "lab: image %s took %s\n", r.tag, time.Since(start).Round(100*time.Millisecond))
	return nil
}

func (b *imageBuilder) prepare(ctx context.Context, r imageBuild) error {
	if r.prepare == nil {
		return nil
	}
	b.preparing.Lock()
	defer b.preparing.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.prepare(ctx)
}

// lockedWriter is a writer for concurrent use.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes p to the underlying writer.
func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
