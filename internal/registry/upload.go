package registry

import (
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"cuelabs.dev/go/oci/ociregistry"
	"github.com/opencontainers/go-digest"
)

// upload is a blob that is being written. It becomes part of the cache with Commit, when its
// content is known to be that of its digest.
type upload struct {
	cache *Cache
	file  *os.File
	sum   hash.Hash
	size  int64
}

func (c *Cache) upload() (*upload, error) {
	file, err := os.CreateTemp(c.work, "upload-")
	if err != nil {
		return nil, &WriteError{err}
	}
	return &upload{c, file, digest.SHA256.Hash(), 0}, nil
}

// Write appends to the blob.
func (u *upload) Write(b []byte) (int, error) {
	n, err := u.file.Write(b)
	u.sum.Write(b[:n])
	u.size += int64(n)
	return n, writeFailed(err)
}

// WriteError reports that the disk took no more, or refused.
type WriteError struct{ err error }

func (e *WriteError) Error() string { return fmt.Sprintf("write to the image cache: %v", e.err) }

// Unwrap returns what the system said.
func (e *WriteError) Unwrap() error { return e.err }

// Hint names what makes room.
func (e *WriteError) Hint() string {
	return "run mrsk registry remove to empty the cache, or set XDG_CACHE_HOME to a folder on another disk"
}

func writeFailed(err error) error {
	if err == nil {
		return nil
	}
	return &WriteError{err}
}

func (u *upload) digest() digest.Digest { return digest.NewDigest(digest.SHA256, u.sum) }

// commit puts the blob into the cache. want is its digest, "" takes what it is.
func (u *upload) commit(want digest.Digest) (ociregistry.Descriptor, error) {
	got := u.digest()
	if want != "" && want != got {
		return ociregistry.Descriptor{}, errors.Join(ociregistry.ErrDigestInvalid, u.discard())
	}
	if err := u.keep(got); err != nil {
		return ociregistry.Descriptor{}, errors.Join(err, u.discard())
	}
	u.cache.checks.Store(got, func() error { return nil })
	return ociregistry.Descriptor{MediaType: octets, Digest: got, Size: u.size}, nil
}

// keep needs no fsync: a file that a power failure has cut off is found when it is read.
func (u *upload) keep(d digest.Digest) error {
	err := errors.Join(u.file.Chmod(0o400), u.file.Close())
	if err == nil {
		err = os.Rename(u.file.Name(), u.cache.path(d))
	}
	return writeFailed(err)
}

func (u *upload) discard() error {
	_ = u.file.Close()
	err := os.Remove(u.file.Name())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

const octets = "application/octet-stream"

// put writes a blob in one go.
func (c *Cache) put(content io.Reader, want digest.Digest) (ociregistry.Descriptor, error) {
	u, err := c.upload()
	if err != nil {
		return ociregistry.Descriptor{}, err
	}
	if _, err := io.Copy(u, content); err != nil {
		return ociregistry.Descriptor{}, errors.Join(err, u.discard())
	}
	return u.commit(want)
}

// replace writes a small file, whole or not at all.
func (c *Cache) replace(path string, content []byte) error {
	return writeFailed(c.tryReplace(path, content))
}

func (c *Cache) tryReplace(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(c.work, "file-")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
