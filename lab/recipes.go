package lab

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// A recipe makes one image when its tag is missing.
type recipe struct {
	tag     string
	from    []string                        // the images that it is made from
	says    string                          // what is done, and how long it takes
	fetch   func(ctx context.Context) error // downloads what prepare needs, while other programs are built; nil for nothing
	prepare func(ctx context.Context) error // what needs no other image, such as building programs; nil for nothing
	make    func(ctx context.Context, tag string) error
}

// recipes are those of all images that labs with these engines need.
func (t tools) recipes(engines []Engine, log io.Writer) []recipe {
	tags := t.tags(Docker26)
	recipes := append(t.debianRecipes(tags, log), t.seedRecipes(tags, log)...)
	for _, e := range engines {
		own := t.tags(e)
		recipes = append(recipes, t.engineRecipes(e, own, log)...)
		for _, host := range [][2]string{{own.host, own.engine}, {own.parts, own.packages}} {
			recipes = append(recipes, t.hostRecipe(host[0], host[1]))
		}
	}
	return unique(recipes)
}

func unique(recipes []recipe) []recipe {
	var tags []string
	return slices.DeleteFunc(recipes, func(r recipe) bool {
		known := slices.Contains(tags, r.tag)
		tags = append(tags, r.tag)
		return known
	})
}

func (t tools) debianRecipes(tags imageTags, log io.Writer) []recipe {
	return []recipe{
		{
			tag: tags.base, says: "making the base image, Debian " + release + " (about a minute)",
			make: func(ctx context.Context, tag string) error { return makeBase(ctx, tag, log) },
		},
		{
			tag: tags.packages, from: []string{tags.base}, says: "installing sshd, Docker and more into an image (about a minute and a half)",
			make: func(ctx context.Context, tag string) error {
				return t.build(ctx, tag, "Dockerfile.packages", tags.base)
			},
		},
	}
}

func (t tools) hostRecipe(tag, engine string) recipe {
	return recipe{
		tag: tag, from: []string{engine}, says: "making a host image (about 10 seconds)",
		make: func(ctx context.Context, tag string) error { return t.build(ctx, tag, "Dockerfile", engine) },
	}
}

// seedRecipes are of what the registry of each lab begins with.
func (t tools) seedRecipes(tags imageTags, log io.Writer) []recipe {
	packages := []string{tags.packages}
	return []recipe{
		{
			tag: tags.busybox, from: packages, says: "making the busybox image (about 2 seconds)",
			make: func(ctx context.Context, tag string) error {
				return pack(ctx, tag, tags.packages, packBusybox, busyboxChanges)
			},
		},
		{
			tag: tags.app, from: packages, says: "making the sample app's image (about 2 seconds)",
			make: func(ctx context.Context, tag string) error {
				return pack(ctx, tag, tags.packages, packApp, appChanges, mount{t.lab, "/lab.bin"})
			},
		},
		t.traefikRecipe(tags, log),
		{
			tag: tags.seed, from: []string{tags.parts, tags.busybox, tags.app, tags.traefik},
			says: "putting images into a registry (about 15 seconds)",
			make: func(ctx context.Context, tag string) error { return makeSeed(ctx, tag, tags) },
		},
	}
}

// cook makes the images of all recipes, each as soon as those that it is made from are there. The
// first that fails ends the others.
func cook(ctx context.Context, recipes []recipe, log io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k := kitchen{log: log, made: map[string]chan struct{}{}}
	for _, r := range recipes {
		k.made[r.tag] = make(chan struct{})
	}
	var all sync.WaitGroup
	for _, r := range recipes {
		all.Go(func() {
			if err := k.cook(ctx, r); err != nil {
				cancel(fmt.Errorf("image %s: %w", r.tag, err))
				return
			}
			close(k.made[r.tag])
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// A kitchen makes several images at the same time.
type kitchen struct {
	log  io.Writer
	made map[string]chan struct{} // closed when the image is there

	// preparing is held while programs are built: one build keeps all cores busy.
	preparing sync.Mutex
}

func (k *kitchen) cook(ctx context.Context, r recipe) error {
	if r.fetch != nil {
		if err := r.fetch(ctx); err != nil {
			return err
		}
	}
	if err := k.prepare(ctx, r); err != nil {
		return err
	}
	for _, tag := range r.from {
		if made, missing := k.made[tag]; missing {
			select {
			case <-made:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	fmt.Fprintf(k.log, "lab: %s\n", r.says)
	start := time.Now()
	if err := r.make(ctx, r.tag); err != nil {
		return err
	}
	fmt.Fprintf(k.log, "lab: image %s took %s\n", r.tag, time.Since(start).Round(100*time.Millisecond))
	return nil
}

func (k *kitchen) prepare(ctx context.Context, r recipe) error {
	if r.prepare == nil {
		return nil
	}
	k.preparing.Lock()
	defer k.preparing.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.prepare(ctx)
}

// lockedWriter lets several write at the same time.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes.
func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
