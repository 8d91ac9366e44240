package registry

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"cuelabs.dev/go/oci/ociregistry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Outlet serves one image, and nothing else of the cache, read-only, to clients with its login.
type Outlet struct {
	*server
	listener *pipes
}

// Serve begins to serve the image i. Connections come in through Dial.
func (c *Cache) Serve(i Image) *Outlet {
	o := &Outlet{newServer(protocol(view{nil, c, i})), newPipes()}
	o.serve(o.listener)
	return o
}

// Dial returns a connection to the outlet.
func (o *Outlet) Dial(ctx context.Context) (net.Conn, error) { return o.listener.dial(ctx, nil) }

// view is one image as a registry.
type view struct {
	*ociregistry.Funcs // refuses what is not below
	cache              *Cache
	image              Image
}

func (v view) find(all map[digest.Digest]ocispec.Descriptor, repository string, d digest.Digest, unknown error) (ocispec.Descriptor, error) {
	if repository != v.image.Repository {
		return ocispec.Descriptor{}, ociregistry.ErrNameUnknown
	}
	found, ok := all[d]
	if !ok {
		return found, unknown
	}
	return found, nil
}

// GetBlob implements ociregistry.Reader.
func (v view) GetBlob(ctx context.Context, repository string, d digest.Digest) (ociregistry.BlobReader, error) {
	return v.GetBlobRange(ctx, repository, d, 0, -1)
}

// GetBlobRange implements ociregistry.Reader.
func (v view) GetBlobRange(ctx context.Context, repository string, d digest.Digest, from, to int64) (ociregistry.BlobReader, error) {
	found, err := v.find(v.image.parts, repository, d, ociregistry.ErrBlobUnknown)
	if err != nil {
		return nil, err
	}
	if to < 0 || to > found.Size {
		to = found.Size
	}
	r, err := v.cache.reader(found, from, to, ociregistry.ErrBlobUnknown)
	if err != nil {
		return nil, err
	}
	return count(ctx, r, max(to-from, 0)), nil
}

// GetManifest implements ociregistry.Reader.
func (v view) GetManifest(_ context.Context, repository string, d digest.Digest) (ociregistry.BlobReader, error) {
	found, err := v.find(v.image.manifests, repository, d, ociregistry.ErrManifestUnknown)
	if err != nil {
		return nil, err
	}
	return v.cache.reader(found, 0, -1, ociregistry.ErrManifestUnknown)
}

// GetTag implements ociregistry.Reader: hosts pull by digest.
func (v view) GetTag(context.Context, string, string) (ociregistry.BlobReader, error) {
	return nil, ociregistry.ErrManifestUnknown
}

// ResolveBlob implements ociregistry.Reader.
func (v view) ResolveBlob(_ context.Context, repository string, d digest.Digest) (ociregistry.Descriptor, error) {
	return v.find(v.image.parts, repository, d, ociregistry.ErrBlobUnknown)
}

// ResolveManifest implements ociregistry.Reader.
func (v view) ResolveManifest(_ context.Context, repository string, d digest.Digest) (ociregistry.Descriptor, error) {
	return v.find(v.image.manifests, repository, d, ociregistry.ErrManifestUnknown)
}

// ResolveTag implements ociregistry.Reader.
func (v view) ResolveTag(context.Context, string, string) (ociregistry.Descriptor, error) {
	return ociregistry.Descriptor{}, ociregistry.ErrManifestUnknown
}

// blobReader reads a part of a file.
type blobReader struct {
	io.Reader
	io.Closer
	d ocispec.Descriptor
}

// Descriptor implements ociregistry.BlobReader.
func (r blobReader) Descriptor() ociregistry.Descriptor { return r.d }

// reader opens a blob to be read from one offset up to another, -1 for its end.
func (c *Cache) reader(d ocispec.Descriptor, from, to int64, unknown error) (ociregistry.BlobReader, error) {
	file, err := c.open(d.Digest)
	if errors.Is(err, os.ErrNotExist) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	if to < 0 || to > d.Size {
		to = d.Size
	}
	return blobReader{io.NewSectionReader(file, from, max(to-from, 0)), file, d}, nil
}
