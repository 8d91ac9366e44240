// Package registry keeps images on the operator's disk and serves them in the registry protocol,
// in the process of mrsk itself.
//
// A Cache holds blobs and tags. Builders put images into it: buildx writes an OCI layout, an engine
// pushes to an Intake on this machine's loopback, and an engine that cannot reach it is read with
// docker save. Hosts pull one image out of it, by its digest and read-only, from an Outlet.
package registry

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Cache is a folder of blobs, named after their digests, and of tags. Several processes may use it
// at the same time: files appear in it by renaming, and are removed only while no other process has
// it open.
type Cache struct {
	dir  string
	work string // what this process has not finished yet
	lock *os.File

	checks  sync.Map // digest → func() error, of the blobs whose content this process knows
	mu      sync.Mutex
	dropped []digest.Digest
}

// Open opens the cache in the folder dir and makes it where it does not exist. Close must be called.
func Open(dir string) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, openFailed(err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, openFailed(err)
	}
	c := &Cache{dir: dir, lock: lock}
	if err := c.prepare(); err != nil {
		return nil, openFailed(errors.Join(err, lock.Close()))
	}
	return c, nil
}

// prepare makes the folders under the lock, so that Clear does not remove them meanwhile.
func (c *Cache) prepare() (err error) {
	if err := flock(c.lock, syscall.LOCK_SH); err != nil {
		return err
	}
	for _, sub := range []string{"blobs/sha256", "work"} {
		if err := os.MkdirAll(filepath.Join(c.dir, sub), 0o700); err != nil {
			return err
		}
	}
	c.work, err = os.MkdirTemp(filepath.Join(c.dir, "work"), "")
	return err
}

func openFailed(err error) error { return fmt.Errorf("open the image cache: %w", err) }

// flock takes a lock and takes it again where a signal has interrupted it.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// Close removes what this process has not finished and, where no other process uses the cache,
// what was not used for the longest time, until the rest is no larger than limit.
func (c *Cache) Close(limit int64) error {
	defer c.lock.Close()
	err := os.RemoveAll(c.work)
	if busy := flock(c.lock, syscall.LOCK_EX|syscall.LOCK_NB); busy != nil {
		return err // whoever closes last trims
	}
	return errors.Join(err, c.trim(limit))
}

// Folder returns a new folder for what belongs to this process alone; Close removes it.
func (c *Cache) Folder() (string, error) { return os.MkdirTemp(c.work, "") }

// Layout returns a folder that is an OCI layout for programs to write to: what they add to its
// blobs is in the cache, and what is in the cache they need not write again.
func (c *Cache) Layout() (string, error) {
	dir, err := c.Folder()
	if err != nil {
		return "", err
	}
	blobs, err := filepath.Abs(filepath.Join(c.dir, "blobs"))
	if err != nil {
		return "", err
	}
	return dir, os.Symlink(blobs, filepath.Join(dir, "blobs"))
}

// Dropped returns the digests of the blobs that this process found damaged and has removed.
func (c *Cache) Dropped() []digest.Digest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped
}

func (c *Cache) path(d digest.Digest) string {
	return filepath.Join(c.dir, "blobs", "sha256", d.Encoded())
}

// usable reports whether d names a blob that the cache can hold. Paths are made of nothing else.
func usable(d digest.Digest) bool { return d.Validate() == nil && d.Algorithm() == digest.SHA256 }

// stat returns the size of a blob that is in the cache.
func (c *Cache) stat(d digest.Digest) (int64, error) {
	if !usable(d) {
		return 0, fmt.Errorf("%q is not a sha256 digest", d)
	}
	info, err := os.Stat(c.path(d))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// open opens a blob. The first time in this process its content is compared with its digest; a blob
// that is damaged is removed and reported as one that does not exist.
func (c *Cache) open(d digest.Digest) (*os.File, error) {
	if !usable(d) {
		return nil, os.ErrNotExist
	}
	check, _ := c.checks.LoadOrStore(d, sync.OnceValue(func() error { return c.check(d) }))
	if err := check.(func() error)(); err != nil {
		c.checks.Delete(d)
		return nil, err
	}
	return os.Open(c.path(d))
}

func (c *Cache) check(d digest.Digest) error {
	file, err := os.Open(c.path(d))
	if err != nil {
		return err
	}
	defer file.Close()
	verifier := d.Verifier()
	if _, err := file.WriteTo(verifier); err != nil {
		return err
	}
	if verifier.Verified() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped = append(c.dropped, d)
	return errors.Join(errDamaged, os.Remove(c.path(d)))
}

// errDamaged reports a blob that had another content than its digest says and was removed.
var errDamaged error = damagedError{}

type damagedError struct{}

func (damagedError) Error() string { return "it was damaged and is removed" }

// Is makes a damaged blob one that does not exist.
func (damagedError) Is(target error) bool { return target == os.ErrNotExist }

// touch marks a blob as used now.
func (c *Cache) touch(parts map[digest.Digest]ocispec.Descriptor) {
	now := time.Now()
	for d := range parts {
		_ = os.Chtimes(c.path(d), now, now) // a blob that looks older than it is goes earlier
	}
}
