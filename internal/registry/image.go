package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"cuelabs.dev/go/oci/ociregistry/ociref"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Descriptor names a blob: its digest, its size, and what it is.
type Descriptor = ocispec.Descriptor

// Image is an image of which everything is in the cache.
type Image struct {
	Repository string // its path, without a server
	Tag        string
	Root       ocispec.Descriptor
	manifests  map[digest.Digest]ocispec.Descriptor
	parts      map[digest.Digest]ocispec.Descriptor // all blobs, manifests among them
}

// MissingError reports an image that is not, or not completely, in the cache.
type MissingError struct {
	Repository, Tag string
	Err             error
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("image %s:%s is not in the image cache of this machine: %v", e.Repository, e.Tag, e.Err)
}

// Unwrap returns what is missing.
func (e *MissingError) Unwrap() error { return e.Err }

// Hint names the command that builds it.
func (e *MissingError) Hint() string {
	return "images are kept where they are built: run mrsk build push here, or deploy without --skip-push"
}

// Tag gives the image whose manifest d is a name.
func (c *Cache) Tag(repository, tag string, d ocispec.Descriptor) error {
	file, err := c.tagFile(repository, tag)
	if err != nil {
		return err
	}
	text, err := json.Marshal(ocispec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size})
	if err != nil {
		return err
	}
	if err := c.replace(file, text); err != nil {
		return fmt.Errorf("tag %s:%s in the image cache: %w", repository, tag, err)
	}
	return nil
}

// tagFile is where a tag is kept. No part of a repository's name begins with an underscore.
func (c *Cache) tagFile(repository, tag string) (string, error) {
	if !ociref.IsValidRepository(repository) || !ociref.IsValidTag(tag) {
		return "", fmt.Errorf("%q is no name of an image", repository+":"+tag)
	}
	return filepath.Join(c.dir, "tags", filepath.FromSlash(path.Join(repository, tagFolder, tag))), nil
}

const tagFolder = "_tags"

func (c *Cache) tagged(repository, tag string) (ocispec.Descriptor, error) {
	file, err := c.tagFile(repository, tag)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return readTag(file)
}

func readTag(file string) (d ocispec.Descriptor, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return d, errors.New("there is no such tag")
	}
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(text, &d)
}

// Image returns the image with that tag, and marks it as used now. It fails with *MissingError
// where a part of it is missing or has another size.
func (c *Cache) Image(repository, tag string) (Image, error) {
	root, err := c.tagged(repository, tag)
	if err != nil {
		return Image{}, &MissingError{repository, tag, err}
	}
	i := Image{repository, tag, root, map[digest.Digest]ocispec.Descriptor{}, map[digest.Digest]ocispec.Descriptor{}}
	if err := c.collect(&i, root, 0); err != nil {
		return Image{}, &MissingError{repository, tag, err}
	}
	c.touch(i.parts)
	return i, nil
}

// Verify compares all parts of an image with their digests and removes those that are damaged. It
// fails with *MissingError where one is missing then.
func (c *Cache) Verify(i Image) error {
	var missing error
	for d := range i.parts {
		file, err := c.open(d)
		if err == nil {
			_ = file.Close()
			continue
		}
		if slices.Contains(c.Dropped(), d) {
			err = errDamaged
		}
		missing = &MissingError{i.Repository, i.Tag, fmt.Errorf("blob %s: %w", d, err)}
	}
	return missing
}

// Blobs are the digests of the blobs that were in a cache at some time.
type Blobs map[string]bool

// Blobs returns the blobs that are in the cache now. If the folder cannot be read, it returns none.
func (c *Cache) Blobs() Blobs {
	files, _ := os.ReadDir(filepath.Join(c.dir, "blobs", "sha256"))
	all := Blobs{}
	for _, f := range files {
		all[f.Name()] = true
	}
	return all
}

// Size returns how many bytes the image has, and how many of them are not among known.
func (i Image) Size(known Blobs) (all, added int64) {
	for d, part := range i.parts {
		all += part.Size
		if !known[d.Encoded()] {
			added += part.Size
		}
	}
	return all, added
}

// Digest is the digest of the image's manifest.
func (i Image) Digest() string { return i.Root.Digest.String() }

const (
	deepest         = 4       // indexes in indexes
	largestManifest = 8 << 20 // far more than engines accept
)

// document is what manifests and indexes have in common.
type document struct {
	MediaType string               `json:"mediaType"`
	Config    *ocispec.Descriptor  `json:"config"`
	Layers    []ocispec.Descriptor `json:"layers"`
	Manifests []ocispec.Descriptor `json:"manifests"`
}

// collect adds a manifest, and all that it refers to, to the image.
func (c *Cache) collect(i *Image, d ocispec.Descriptor, depth int) error {
	if depth > deepest {
		return errors.New("the manifests are nested too deep")
	}
	doc, err := c.document(d)
	if err != nil {
		return fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	i.manifests[d.Digest], i.parts[d.Digest] = d, d
	for _, one := range doc.Manifests {
		if err := c.collect(i, one, depth+1); err != nil {
			return err
		}
	}
	for _, one := range doc.blobs() {
		if err := c.has(one); err != nil {
			return err
		}
		i.parts[one.Digest] = one
	}
	return nil
}

func (d document) blobs() []ocispec.Descriptor {
	if d.Config == nil {
		return d.Layers
	}
	return append([]ocispec.Descriptor{*d.Config}, d.Layers...)
}

func (c *Cache) document(d ocispec.Descriptor) (doc document, err error) {
	text, err := c.read(d.Digest)
	if err != nil {
		return doc, err
	}
	return doc, json.Unmarshal(text, &doc)
}

// read returns the content of a manifest.
func (c *Cache) read(d digest.Digest) ([]byte, error) {
	file, err := c.open(d)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, largestManifest+1))
	if err == nil && len(text) > largestManifest {
		err = errors.New("it is too large")
	}
	return text, err
}

// has fails where a blob is missing, or cut off.
func (c *Cache) has(d ocispec.Descriptor) error {
	size, err := c.stat(d.Digest)
	switch {
	case err != nil:
		return fmt.Errorf("blob %s: %w", d.Digest, err)
	case size != d.Size:
		_ = os.Remove(c.path(d.Digest)) // so that it is written again
		c.checks.Delete(d.Digest)
		return fmt.Errorf("blob %s has %d bytes in place of %d", d.Digest, size, d.Size)
	}
	return nil
}
