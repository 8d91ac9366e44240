package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/registry/registrytest"

	"cuelabs.dev/go/oci/ociregistry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestMain plays the parts of docker that move an image, for the fake docker.
func TestMain(m *testing.M) {
	part := map[string]func(context.Context, []string) error{"push": playPush, "save": playSave, "layout": playLayout}[os.Getenv("PLAY")]
	if part == nil {
		os.Exit(m.Run())
	}
	ctx := context.Background() //nolint:forbidigo // this is a program of its own
	if err := part(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	engineConfig = `{"architecture":"amd64","os":"linux"}`
	engineLayer  = "a layer"
)

func described(media, text string) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: media, Digest: digest.FromString(text), Size: int64(len(text))}
}

func engineManifest() string {
	text, _ := json.Marshal(ocispec.Manifest{
		MediaType: ocispec.MediaTypeImageManifest,
		Config:    described(ocispec.MediaTypeImageConfig, engineConfig),
		Layers:    []ocispec.Descriptor{described(ocispec.MediaTypeImageLayer, engineLayer)},
	})
	return string(text)
}

// playPush pushes the engine's image to SERVER/REPOSITORY:TAG.
func playPush(ctx context.Context, args []string) error {
	server, name, _ := strings.Cut(args[0], "/")
	repository, tag, _ := strings.Cut(name, ":")
	c, err := registrytest.Client(server)
	if err != nil {
		return err
	}
	for _, blob := range []string{engineConfig, engineLayer} {
		d := described("", blob)
		if _, err := c.ResolveBlob(ctx, repository, d.Digest); err == nil {
			continue
		}
		if _, err := c.PushBlob(ctx, repository, ociregistry.Descriptor{Digest: d.Digest, Size: d.Size}, strings.NewReader(blob)); err != nil {
			return err
		}
	}
	_, err = c.PushManifest(ctx, repository, tag, []byte(engineManifest()), ocispec.MediaTypeImageManifest)
	return err
}

// playSave writes the engine's image as docker save does.
func playSave(context.Context, []string) error {
	var layer bytes.Buffer
	if err := tar.NewWriter(&layer).Close(); err != nil {
		return err
	}
	w := tar.NewWriter(os.Stdout)
	for name, text := range map[string]string{
		"conf.json": engineConfig, "a/layer.tar": layer.String(),
		"manifest.json": `[{"Config":"conf.json","Layers":["a/layer.tar"]}]`,
	} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(text))}); err != nil {
			return err
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
	}
	return w.Close()
}

// playLayout writes the image as buildx does into the layout args[0], without the blobs that are
// there, and what it has built into the file args[1].
func playLayout(_ context.Context, args []string) error {
	for _, text := range []string{engineConfig, engineLayer, engineManifest()} {
		file := filepath.Join(args[0], "blobs", "sha256", digest.FromString(text).Encoded())
		if _, err := os.Stat(file); err == nil {
			continue
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	text, err := json.Marshal(map[string]any{"containerimage.descriptor": described(ocispec.MediaTypeImageManifest, engineManifest())})
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], text, 0o600)
}
