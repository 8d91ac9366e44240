package registry

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"cuelabs.dev/go/oci/ociregistry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Intake takes what an engine pushes to a port on this machine's loopback, where docker needs no
// certificate.
type Intake struct {
	*server
	Addr string // 127.0.0.1:PORT
}

// Receive begins to take pushes to one repository. It calls broken with a *WriteError: docker would
// go on trying, and not say why.
func (c *Cache) Receive(ctx context.Context, repository string, broken func(error)) (*Intake, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("copy the image from docker: %w", err)
	}
	i := &Intake{newServer(limited(c.mounting(protocol(c.receiver(repository, broken))))), listener.Addr().String()}
	i.serve(listener)
	return i, nil
}

// limited keeps manifests, which are read into memory, from being without end.
func limited(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && r.URL.Query().Get("digest") == "" {
			r.Body = http.MaxBytesReader(w, r.Body, largestManifest)
		}
		inside.ServeHTTP(w, r)
	})
}

// receiver is one repository of the cache, to be pushed to.
type receiver struct {
	*ociregistry.Funcs // refuses what is not below
	cache              *Cache
	repository         string
	broken             func(error)

	mu      sync.Mutex
	uploads map[string]*chunks
}

func (c *Cache) receiver(repository string, broken func(error)) *receiver {
	return &receiver{cache: c, repository: repository, broken: broken, uploads: map[string]*chunks{}}
}

// check reports an error of the disk.
func (r *receiver) check(err error) error {
	if errors.As(err, new(*WriteError)) {
		r.broken(err)
	}
	return err
}

func (r *receiver) is(repository string) error {
	if repository != r.repository {
		return ociregistry.ErrNameUnknown
	}
	return nil
}

// ResolveBlob implements ociregistry.Reader: what is there is not pushed again.
func (r *receiver) ResolveBlob(_ context.Context, repository string, d digest.Digest) (ociregistry.Descriptor, error) {
	if err := r.is(repository); err != nil {
		return ociregistry.Descriptor{}, err
	}
	size, err := r.cache.stat(d)
	if err != nil {
		return ociregistry.Descriptor{}, ociregistry.ErrBlobUnknown
	}
	return ociregistry.Descriptor{MediaType: octets, Digest: d, Size: size}, nil
}

// MountBlob implements ociregistry.Writer: all repositories share their blobs.
func (r *receiver) MountBlob(ctx context.Context, _, to string, d digest.Digest) (ociregistry.Descriptor, error) {
	return r.ResolveBlob(ctx, to, d)
}

// GetBlob implements ociregistry.Reader.
func (r *receiver) GetBlob(ctx context.Context, repository string, d digest.Digest) (ociregistry.BlobReader, error) {
	return r.GetBlobRange(ctx, repository, d, 0, -1)
}

// GetBlobRange implements ociregistry.Reader.
func (r *receiver) GetBlobRange(ctx context.Context, repository string, d digest.Digest, from, to int64) (ociregistry.BlobReader, error) {
	found, err := r.ResolveBlob(ctx, repository, d)
	if err != nil {
		return nil, err
	}
	return r.cache.reader(found, from, to, ociregistry.ErrBlobUnknown)
}

// ResolveManifest implements ociregistry.Reader.
func (r *receiver) ResolveManifest(_ context.Context, repository string, d digest.Digest) (ociregistry.Descriptor, error) {
	if err := r.is(repository); err != nil {
		return ociregistry.Descriptor{}, err
	}
	text, err := r.cache.read(d)
	if err != nil {
		return ociregistry.Descriptor{}, ociregistry.ErrManifestUnknown
	}
	return ociregistry.Descriptor{MediaType: mediaType(text), Digest: d, Size: int64(len(text))}, nil
}

// mediaType is what a manifest says that it is; older ones of OCI say nothing.
func mediaType(manifest []byte) string {
	var doc document
	switch err := json.Unmarshal(manifest, &doc); {
	case err == nil && doc.MediaType != "":
		return doc.MediaType
	case doc.Manifests != nil:
		return ocispec.MediaTypeImageIndex
	}
	return ocispec.MediaTypeImageManifest
}

// ResolveTag implements ociregistry.Reader.
func (r *receiver) ResolveTag(_ context.Context, repository, tag string) (ociregistry.Descriptor, error) {
	if err := r.is(repository); err != nil {
		return ociregistry.Descriptor{}, err
	}
	d, err := r.cache.tagged(repository, tag)
	if err != nil {
		return d, ociregistry.ErrManifestUnknown
	}
	return d, nil
}

// GetManifest implements ociregistry.Reader.
func (r *receiver) GetManifest(ctx context.Context, repository string, d digest.Digest) (ociregistry.BlobReader, error) {
	found, err := r.ResolveManifest(ctx, repository, d)
	if err != nil {
		return nil, err
	}
	return r.cache.reader(found, 0, -1, ociregistry.ErrManifestUnknown)
}

// GetTag implements ociregistry.Reader.
func (r *receiver) GetTag(ctx context.Context, repository, tag string) (ociregistry.BlobReader, error) {
	found, err := r.ResolveTag(ctx, repository, tag)
	if err != nil {
		return nil, err
	}
	return r.cache.reader(found, 0, -1, ociregistry.ErrManifestUnknown)
}

// PushManifest implements ociregistry.Writer.
func (r *receiver) PushManifest(_ context.Context, repository, tag string, content []byte, media string) (ociregistry.Descriptor, error) {
	if err := r.is(repository); err != nil {
		return ociregistry.Descriptor{}, err
	}
	if !json.Valid(content) {
		return ociregistry.Descriptor{}, ociregistry.ErrManifestInvalid
	}
	d, err := r.cache.put(bytes.NewReader(content), "")
	if err != nil {
		return d, r.check(err)
	}
	d.MediaType = media
	if tag == "" {
		return d, nil
	}
	return d, r.check(r.cache.Tag(repository, tag, d))
}

// PushBlob implements ociregistry.Writer.
func (r *receiver) PushBlob(_ context.Context, repository string, d ociregistry.Descriptor, content io.Reader) (ociregistry.Descriptor, error) {
	if err := r.is(repository); err != nil {
		return ociregistry.Descriptor{}, err
	}
	d, err := r.cache.put(content, d.Digest)
	return d, r.check(err)
}

// PushBlobChunked implements ociregistry.Writer.
func (r *receiver) PushBlobChunked(_ context.Context, repository string, _ int) (ociregistry.BlobWriter, error) {
	if err := r.is(repository); err != nil {
		return nil, err
	}
	u, err := r.cache.upload()
	if err != nil {
		return nil, r.check(err)
	}
	c := &chunks{upload: u, id: rand.Text(), of: r}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.uploads[c.id] = c
	return c, nil
}

// PushBlobChunkedResume implements ociregistry.Writer. Chunks come in order, each once.
func (r *receiver) PushBlobChunkedResume(_ context.Context, repository, id string, offset int64, _ int) (ociregistry.BlobWriter, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.uploads[id]
	if err := r.is(repository); err != nil || c == nil {
		return nil, ociregistry.ErrBlobUploadUnknown
	}
	if offset > 0 && offset != c.size {
		return nil, ociregistry.ErrRangeInvalid
	}
	c.offset = offset
	return c, nil
}

// chunks is an upload in several requests.
type chunks struct {
	*upload
	id     string
	of     *receiver
	offset int64 // where the next bytes must begin, -1 where they are said to
}

// Write implements ociregistry.BlobWriter.
func (c *chunks) Write(b []byte) (int, error) {
	if c.offset >= 0 && c.offset != c.size {
		return 0, ociregistry.ErrRangeInvalid
	}
	c.offset = -1
	n, err := c.upload.Write(b)
	return n, c.of.check(err)
}

// ID implements ociregistry.BlobWriter.
func (c *chunks) ID() string { return c.id }

// Size implements ociregistry.BlobWriter.
func (c *chunks) Size() int64 { return c.size }

// ChunkSize implements ociregistry.BlobWriter.
func (c *chunks) ChunkSize() int { return 1 << 10 }

// Close implements ociregistry.BlobWriter: the upload goes on with the next request.
func (c *chunks) Close() error { return nil }

// Commit implements ociregistry.BlobWriter.
func (c *chunks) Commit(d digest.Digest) (ociregistry.Descriptor, error) {
	c.forget()
	found, err := c.commit(d)
	return found, c.of.check(err)
}

// Cancel implements ociregistry.BlobWriter.
func (c *chunks) Cancel() error {
	c.forget()
	return c.discard()
}

func (c *chunks) forget() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	delete(c.of.uploads, c.id)
}
