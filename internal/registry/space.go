package registry

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// kept is one blob on the disk.
type kept struct {
	path string
	size int64
	used time.Time
}

// Usage is how much the cache holds.
type Usage struct {
	Dir    string
	Images int   // tags, not counting images that no tag names
	Bytes  int64 // of all blobs
}

// UsageOf returns what the cache in the folder dir holds; nothing where there is none.
func UsageOf(dir string) (Usage, error) {
	c := &Cache{dir: dir}
	u := Usage{Dir: dir}
	blobs, err := c.blobs()
	for _, b := range blobs {
		u.Bytes += b.size
	}
	return u, errors.Join(err, c.eachTag(func(string) error { u.Images++; return nil }))
}

// ErrBusy reports a cache that another process is using.
var ErrBusy = errors.New("another command is using the image cache; try again when it has ended")

// Clear removes all images of the cache in the folder dir and returns how much there was.
func Clear(dir string) (Usage, error) {
	u, err := UsageOf(dir)
	if err != nil {
		return u, err
	}
	c, err := Open(dir)
	if err != nil {
		return u, err
	}
	defer c.lock.Close()
	if err := flock(c.lock, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return u, errors.Join(ErrBusy, os.RemoveAll(c.work))
	}
	return u, errors.Join(
		os.RemoveAll(filepath.Join(dir, "blobs")), os.RemoveAll(filepath.Join(dir, "tags")),
		os.RemoveAll(filepath.Join(dir, diffFolder)), os.RemoveAll(filepath.Join(dir, "work")),
	)
}

// trim removes what no process works on any more, the blobs that were not used for the longest time,
// and the tags that have lost their manifests. The caller has the cache for itself.
func (c *Cache) trim(limit int64) error {
	left, err := os.ReadDir(filepath.Join(c.dir, "work"))
	if err != nil {
		return err
	}
	for _, e := range left {
		err = errors.Join(err, os.RemoveAll(filepath.Join(c.dir, "work", e.Name())))
	}
	return errors.Join(err, c.evict(limit), c.untag(), c.forgetDiffs())
}

func (c *Cache) evict(limit int64) error {
	blobs, err := c.blobs()
	if err != nil {
		return err
	}
	slices.SortFunc(blobs, func(a, b kept) int { return cmp.Or(b.used.Compare(a.used), cmp.Compare(a.size, b.size)) })
	var total int64
	for _, b := range blobs {
		if total += b.size; total > limit {
			err = errors.Join(err, os.Remove(b.path))
		}
	}
	return err
}

func (c *Cache) blobs() ([]kept, error) {
	entries, err := os.ReadDir(filepath.Join(c.dir, "blobs", "sha256"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []kept
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // removed meanwhile
		}
		all = append(all, kept{filepath.Join(c.dir, "blobs", "sha256", e.Name()), info.Size(), info.ModTime()})
	}
	return all, nil
}

// untag removes the tags whose manifest is gone.
func (c *Cache) untag() error {
	return c.eachTag(func(file string) error {
		d, err := readTag(file)
		if err == nil {
			_, err = c.stat(d.Digest)
		}
		if err != nil {
			return os.Remove(file)
		}
		return nil
	})
}

func (c *Cache) eachTag(do func(file string) error) error {
	err := filepath.WalkDir(filepath.Join(c.dir, "tags"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return do(path)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
