package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/event"
	"mrsk/internal/redact"
	"mrsk/internal/registry"
)

// own reports whether the image goes into the cache on this machine, where hosts get it from.
func (s Spec) own() bool { return s.Registry.Local() && s.pushes() }

// intoCache builds the image and puts it into the cache. A part of it that is there already is not
// written again, so what the cache finds to be damaged is built once more.
func (b *Build) intoCache(ctx context.Context, dir string) (Result, error) {
	cache, err := b.o.Images.Open()
	if err != nil {
		return Result{}, err
	}
	i, err := b.fill(ctx, cache, dir)
	var missing *registry.MissingError
	if errors.As(err, &missing) {
		b.o.Events(event.Note{Text: err.Error() + "; building it again"})
		i, err = b.fill(ctx, cache, dir)
	}
	if err != nil {
		return Result{}, err
	}
	return Result{b.o.Spec.Names, i.Digest()}, nil
}

func (b *Build) fill(ctx context.Context, cache *registry.Cache, dir string) (registry.Image, error) {
	chosen, build, err := b.ownBuild(ctx)
	if err != nil {
		return registry.Image{}, err
	}
	if chosen.stores() {
		return b.fillByLayout(ctx, cache, chosen, dir)
	}
	if err := b.runner().run(ctx, "build image", build.in(dir)); err != nil {
		return registry.Image{}, err
	}
	return b.take(ctx, cache, chosen)
}

// ownBuild returns the command that leaves the image with an engine, for builders that do so.
func (b *Build) ownBuild(ctx context.Context) (chosen builder, build command, err error) {
	switch {
	case b.o.Spec.Builder.Pack != nil:
		return builder{keeps: true}, b.o.Spec.packBuild(), nil
	case b.plain:
		return builder{keeps: true}, b.o.Spec.plainBuild(), nil
	}
	chosen, err = b.builder(ctx)
	return chosen, b.o.Spec.build(chosen, destination{output: "docker"}), err
}

// fillByLayout lets buildx write into the cache: it asks what is there and adds the rest.
func (b *Build) fillByLayout(ctx context.Context, cache *registry.Cache, chosen builder, dir string) (registry.Image, error) {
	layout, err := cache.Layout()
	if err != nil {
		return registry.Image{}, err
	}
	to := destination{"oci,tar=false," + csvField("dest="+layout), layout + "/metadata.json"}
	if err := b.runner().run(ctx, "build image", b.o.Spec.build(chosen, to).in(dir)); err != nil {
		return registry.Image{}, err
	}
	text, err := os.ReadFile(to.metadata)
	if err != nil {
		return registry.Image{}, fmt.Errorf("read what buildx has built: %w", err)
	}
	var built struct {
		Descriptor registry.Descriptor `json:"containerimage.descriptor"`
	}
	if err := json.Unmarshal(text, &built); err != nil {
		return registry.Image{}, fmt.Errorf("read what buildx has built: %w", err)
	}
	if err := cache.Tag(b.o.Spec.Path, b.o.Spec.Version, built.Descriptor); err != nil {
		return registry.Image{}, err
	}
	return cache.Image(b.o.Spec.Path, b.o.Spec.Version)
}

// csvField is a part of an output as buildx reads it, which may hold commas.
func csvField(text string) string {
	if !strings.ContainsAny(text, ",\"") {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// take gets the image from the engine that has built it: pushed where the engine can reach this
// machine's loopback, else as docker save writes it.
func (b *Build) take(ctx context.Context, cache *registry.Cache, from builder) (registry.Image, error) {
	if !from.engine && b.o.Docker.Here() {
		reached, err := b.receive(ctx, cache)
		if err == nil {
			b.tidy(ctx, from)
			return cache.Image(b.o.Spec.Path, b.o.Spec.Version)
		}
		if reached || ctx.Err() != nil {
			return registry.Image{}, err
		}
		b.o.Events(event.Note{Text: "docker cannot push to this machine's loopback; reading the image with docker save"})
	}
	i, err := b.save(ctx, cache, from)
	if err == nil {
		b.tidy(ctx, from)
	}
	return i, err
}

// receive lets docker push the image here. reached reports whether docker got as far as that.
func (b *Build) receive(ctx context.Context, cache *registry.Cache) (reached bool, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	intake, err := cache.Receive(ctx, b.o.Spec.Path, stop)
	if err != nil {
		return false, err
	}
	defer intake.Close()
	login, err := b.login(cache, intake.Addr, intake.Auth())
	if err != nil {
		return false, err
	}
	there := intake.Addr + "/" + b.o.Spec.Path + ":" + b.o.Spec.Version
	if _, err := b.runner().output(ctx, docker("tag", b.o.Spec.Names.Version, there)); err != nil {
		return true, err
	}
	defer b.tolerate(context.WithoutCancel(ctx), []command{docker("image", "rm", there)})
	push := docker("push", "--quiet", there).exporting(plain("DOCKER_CONFIG", login))
	if err = b.runner().run(ctx, "take the image from docker", push); err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return intake.LoggedIn(), err
}

// login makes a folder with docker's configuration in which the login for server is.
func (b *Build) login(cache *registry.Cache, server string, auth redact.String) (dir string, err error) {
	if dir, err = cache.Folder(); err != nil {
		return "", err
	}
	return dir, b.o.Docker.Lend(dir, server, auth)
}

// save reads the image from the engine as an archive.
func (b *Build) save(ctx context.Context, cache *registry.Cache, from builder) (i registry.Image, err error) {
	c := docker("save", b.o.Spec.Names.Version)
	if from.engine {
		c = docker("--context", from.instance(), "save", b.o.Spec.Names.Version)
	}
	reader, writer := io.Pipe()
	c.stdout = writer
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		err := b.runner().run(ctx, "read the image from docker", c)
		return errors.Join(err, writer.CloseWithError(err))
	})
	work.Go(func() (err error) {
		i, err = cache.Import(b.o.Spec.Path, b.o.Spec.Version, reader)
		if err == nil {
			_, err = io.Copy(io.Discard, reader) // what stands behind the end of the archive
		}
		return errors.Join(err, reader.CloseWithError(err))
	})
	return i, work.Wait()
}

// tidy removes the image from an engine that had no other use for it: buildx keeps what makes the
// next build fast apart from the images.
func (b *Build) tidy(ctx context.Context, from builder) {
	if from.keeps {
		return
	}
	rm := docker("image", "rm", b.o.Spec.Names.Version)
	if from.engine {
		rm = docker("--context", from.instance(), "image", "rm", b.o.Spec.Names.Version)
	}
	b.tolerate(ctx, []command{rm})
}
