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

// toCache reports whether the image goes into the cache on this machine instead of a registry.
func (s Spec) toCache() bool { return s.Registry.Local() && s.pushes() }

// buildToCache builds the image into the cache. A build does not write blobs that the cache already has.
// If the cache finds one of these damaged, it drops the blob, and the image is built again.
func (b *Build) buildToCache(ctx context.Context, dir string) (Result, error) {
	cache, err := b.o.Images.Open()
	if err != nil {
		return Result{}, err
	}
	before := cache.Blobs()
	i, err := b.buildOnce(ctx, cache, dir)
	var missing *registry.MissingError
	if errors.As(err, &missing) {
		b.o.Events(event.Note{Text: err.Error() + "; building it again"})
		i, err = b.buildOnce(ctx, cache, dir)
	}
	if err != nil {
		return Result{}, err
	}
	result := Result{Names: b.o.Spec.Names, Digest: i.Digest()}
	result.Size, result.Added = i.Size(before)
	return result, nil
}

func (b *Build) buildOnce(ctx context.Context, cache *registry.Cache, dir string) (registry.Image, error) {
	chosen, build, err := b.engineBuild(ctx)
	if err != nil {
		return registry.Image{}, err
	}
	if chosen.hasStore() {
		return b.buildToLayout(ctx, cache, chosen, dir)
	}
	if err := b.runner().run(ctx, "build image", build.in(dir)); err != nil {
		return registry.Image{}, err
	}
	return b.importFromEngine(ctx, cache, chosen)
}

// engineBuild returns the builder, and the command that builds the image into an engine. A builder
// with a store of its own needs buildToLayout instead.
func (b *Build) engineBuild(ctx context.Context) (chosen builder, build command, err error) {
	switch {
	case b.o.Spec.Builder.Pack != nil:
		return builder{keepsImage: true}, b.o.Spec.packBuild(), nil
	case b.plain:
		return builder{keepsImage: true}, b.o.Spec.plainBuild(), nil
	}
	chosen, err = b.builder(ctx)
	return chosen, b.o.Spec.build(chosen, destination{output: "docker"}), err
}

// buildToLayout builds with buildx into an OCI layout on the cache. buildx writes only blobs that the
// cache lacks.
func (b *Build) buildToLayout(ctx context.Context, cache *registry.Cache, chosen builder, dir string) (registry.Image, error) {
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

// csvField quotes a field of buildx's --output, which is a line of CSV.
func csvField(text string) string {
	if !strings.ContainsAny(text, ",\"") {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// importFromEngine copies the image from the engine that built it into the cache: by a push to this
// machine's loopback, or by docker save if the engine cannot reach that.
func (b *Build) importFromEngine(ctx context.Context, cache *registry.Cache, from builder) (registry.Image, error) {
	if !from.engine && b.o.Docker.Here() {
		reached, err := b.receivePush(ctx, cache)
		if err == nil {
			b.removeFromEngine(ctx, from)
			return cache.Image(b.o.Spec.Path, b.o.Spec.Version)
		}
		if reached || ctx.Err() != nil {
			return registry.Image{}, err
		}
		b.o.Events(event.Note{Text: "docker cannot push to this machine's loopback; reading the image with docker save"})
	}
	i, err := b.save(ctx, cache, from)
	if err == nil {
		b.removeFromEngine(ctx, from)
	}
	return i, err
}

// receivePush has docker push the image into the cache. reached reports whether docker reached the
// cache and logged in.
func (b *Build) receivePush(ctx context.Context, cache *registry.Cache) (reached bool, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	intake, err := cache.Receive(ctx, b.o.Spec.Path, stop)
	if err != nil {
		return false, err
	}
	defer intake.Close()
	login, err := b.loginFolder(cache, intake.Addr, intake.Auth())
	if err != nil {
		return false, err
	}
	name := intake.Addr + "/" + b.o.Spec.Path + ":" + b.o.Spec.Version
	if _, err := b.runner().output(ctx, docker("tag", b.o.Spec.Names.Version, name)); err != nil {
		return true, err
	}
	defer b.tryAll(context.WithoutCancel(ctx), []command{docker("image", "rm", name)})
	push := docker("push", "--quiet", name).exporting(plain("DOCKER_CONFIG", login))
	if err = b.runner().run(ctx, "copy the image from docker", push); err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return intake.LoggedIn(), err
}

// loginFolder creates a folder with docker's configuration and a login for server. docker login would
// write the login of this run into the user's own configuration.
func (b *Build) loginFolder(cache *registry.Cache, server string, auth redact.String) (dir string, err error) {
	if dir, err = cache.Folder(); err != nil {
		return "", err
	}
	return dir, b.o.Docker.Lend(dir, server, auth)
}

// save reads the image from the engine as an archive.
func (b *Build) save(ctx context.Context, cache *registry.Cache, from builder) (i registry.Image, err error) {
	c := from.docker("save", b.o.Spec.Names.Version)
	reader, writer := io.Pipe()
	c.stdout = writer
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		err := b.runner().run(ctx, "copy the image from docker", c)
		return errors.Join(err, writer.CloseWithError(err))
	})
	work.Go(func() (err error) {
		i, err = cache.Import(b.o.Spec.Path, b.o.Spec.Version, reader)
		if err == nil {
			_, err = io.Copy(io.Discard, reader) // padding after the end of the archive
		}
		return errors.Join(err, reader.CloseWithError(err))
	})
	return i, work.Wait()
}

// removeFromEngine removes the image from the engine that built it, since the cache has it now. The next
// build stays fast: buildx keeps its build cache apart from images. Builders without buildx keep the
// image.
func (b *Build) removeFromEngine(ctx context.Context, from builder) {
	if from.keepsImage {
		return
	}
	b.tryAll(ctx, []command{from.docker("image", "rm", b.o.Spec.Names.Version)})
}
