package registry

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"cuelabs.dev/go/oci/ociregistry"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// archive is what docker save has written so far.
type archive struct {
	cache *Cache
	files map[string]ocispec.Descriptor
	links map[string]string // the same layer again
	list  []saved
}

// saved is an image in the list of an archive.
type saved struct {
	Config string
	Layers []string
}

// Import reads an image as docker save writes it and gives it a tag. The archive is read once, from
// its beginning to its end.
func (c *Cache) Import(repository, tag string, from io.Reader) (Image, error) {
	a := archive{c, map[string]ocispec.Descriptor{}, map[string]string{}, nil}
	if err := a.readAll(tar.NewReader(from)); err != nil {
		return Image{}, fmt.Errorf("read what docker save writes: %w", err)
	}
	d, err := a.manifest()
	if err != nil {
		return Image{}, fmt.Errorf("read what docker save writes: %w", err)
	}
	if err := c.Tag(repository, tag, d); err != nil {
		return Image{}, err
	}
	return c.Image(repository, tag)
}

func (a *archive) readAll(r *tar.Reader) error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = a.take(path.Clean(h.Name), h, r)
		}
		if err != nil {
			return err
		}
	}
}

func (a *archive) take(name string, h *tar.Header, content io.Reader) (err error) {
	switch {
	case h.Typeflag == tar.TypeSymlink:
		a.links[name] = path.Join(path.Dir(name), h.Linkname)
	case h.Typeflag == tar.TypeLink:
		a.links[name] = path.Clean(h.Linkname)
	case h.Typeflag != tar.TypeReg:
	case name == "manifest.json":
		return json.NewDecoder(io.LimitReader(content, largestManifest)).Decode(&a.list)
	default:
		a.files[name], err = a.keep(name, content)
	}
	return err
}

// keep puts a file into the cache; layers are compressed as they would be for a registry.
func (a *archive) keep(name string, content io.Reader) (ocispec.Descriptor, error) {
	begin := bufio.NewReaderSize(content, 64<<10)
	head, _ := begin.Peek(512)
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return a.as(ocispec.MediaTypeImageLayerGzip, begin)
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		return a.as(ocispec.MediaTypeImageLayerZstd, begin)
	case len(head) == 512 && (bytes.HasPrefix(head[257:], []byte("ustar")) || bytes.Count(head, []byte{0}) == 512):
		return a.layer(name, begin)
	}
	return a.as(ocispec.MediaTypeImageConfig, begin)
}

func (a *archive) as(media string, content io.Reader) (ocispec.Descriptor, error) {
	d, err := a.cache.put(content, "")
	d.MediaType = media
	return d, err
}

// layer compresses a layer, unless the name has its digest and it was compressed before.
func (a *archive) layer(name string, content io.Reader) (ocispec.Descriptor, error) {
	named := digest.NewDigestFromEncoded(digest.SHA256, path.Base(name))
	if known, ok := a.cache.compressed(named); ok {
		verifier := named.Verifier()
		if _, err := io.Copy(verifier, content); err != nil || verifier.Verified() {
			return known, err
		}
		return known, fmt.Errorf("%s has another content than its name says", name)
	}
	sum := digest.SHA256.Hash()
	d, err := a.compress(io.TeeReader(content, sum))
	if err != nil {
		return d, err
	}
	return d, a.cache.remember(digest.NewDigest(digest.SHA256, sum), d)
}

func (a *archive) compress(content io.Reader) (d ocispec.Descriptor, err error) {
	u, err := a.cache.upload()
	if err != nil {
		return d, err
	}
	z := gzip.NewWriter(u)
	_, err = io.Copy(z, content)
	if err = errors.Join(err, z.Close()); err != nil {
		return d, errors.Join(err, u.discard())
	}
	d, err = u.commit("")
	d.MediaType = ocispec.MediaTypeImageLayerGzip
	return d, err
}

// manifest writes the manifest of the archive's image.
func (a *archive) manifest() (d ocispec.Descriptor, err error) {
	if len(a.list) != 1 {
		return d, fmt.Errorf("it has %d images in place of one", len(a.list))
	}
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	if m.Config, err = a.find(a.list[0].Config); err != nil {
		return d, err
	}
	m.Config.MediaType = ocispec.MediaTypeImageConfig
	for _, name := range a.list[0].Layers {
		layer, err := a.find(name)
		if err != nil {
			return d, err
		}
		m.Layers = append(m.Layers, layer)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return d, err
	}
	d, err = a.cache.put(bytes.NewReader(text), "")
	d.MediaType = m.MediaType
	return d, err
}

func (a *archive) find(name string) (ocispec.Descriptor, error) {
	text := path.Clean(name)
	for range 10 { // a link that leads to a link
		if d, ok := a.files[text]; ok {
			return d, nil
		}
		text = a.links[text]
	}
	return ocispec.Descriptor{}, fmt.Errorf("%s is not in it", name)
}

// diffFile is where the cache remembers what a layer became when it was compressed.
func (c *Cache) diffFile(uncompressed digest.Digest) string {
	return filepath.Join(c.dir, diffFolder, uncompressed.Encoded())
}

const diffFolder = "diffs"

func (c *Cache) remember(uncompressed digest.Digest, d ociregistry.Descriptor) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return c.replace(c.diffFile(uncompressed), text)
}

func (c *Cache) compressed(uncompressed digest.Digest) (d ocispec.Descriptor, ok bool) {
	if !usable(uncompressed) {
		return d, false
	}
	text, err := os.ReadFile(c.diffFile(uncompressed))
	if err != nil || json.Unmarshal(text, &d) != nil {
		return d, false
	}
	return d, c.has(d) == nil
}

// forgetDiffs removes what is remembered of layers that are gone.
func (c *Cache) forgetDiffs() error {
	entries, err := os.ReadDir(filepath.Join(c.dir, diffFolder))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if _, ok := c.compressed(digest.NewDigestFromEncoded(digest.SHA256, e.Name())); !ok {
			err = errors.Join(err, os.Remove(filepath.Join(c.dir, diffFolder, e.Name())))
		}
	}
	return err
}
