package lab

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// A module is a folder of images with a go.mod of its own, from which programs of others are built
// that go into images.
type module struct {
	dir  string
	hash string // of the path and content of all its files
	mod  string // its go.mod
}

func readModule(dir string) (module, error) {
	var all []string
	files := os.DirFS(dir)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		all = append(all, name, string(content))
		return err
	})
	if err != nil {
		return module{}, err
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return module{dir: dir, hash: digest(all...), mod: string(mod)}, err
}

// version is the one that the module requires of a dependency, empty if it has none.
func (m module) version(path string) string {
	found := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(path) + ` (v\S+)`).FindStringSubmatch(m.mod)
	if found == nil {
		return ""
	}
	return found[1]
}

// lookup returns the place in the cache of something built from the module, and whether it is there. Its
// name says what it is made of, so checkouts with different modules do not replace each other's.
func (m module) lookup(name string) (path string, there bool, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", false, err
	}
	path = filepath.Join(cache, name+"-"+m.hash)
	_, err = os.Stat(path)
	return path, err == nil, nil
}

// cached returns what build makes, a file or a folder, from the cache if it is there.
func (m module) cached(name string, build func(out string) error) (string, error) {
	path, there, err := m.lookup(name)
	if err != nil || there {
		return path, err
	}
	unfinished := path + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return "", err
	}
	if err := build(unfinished); err != nil {
		return "", err
	}
	return path, os.Rename(unfinished, path)
}
