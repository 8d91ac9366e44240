// Package scaffold creates the first files of a project: a sample configuration, a secrets file, and a sample
// of each hook. It also converts projects of Kamal. Write never changes a file that exists.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed all:files
var files embed.FS

// File is one file of a new project.
type File struct {
	Path string // relative to the project
	Kept bool   // it existed and was not changed
}

// Write creates the files in dir, the folder of the project, and returns them. It stops at the first file that
// cannot be written; the files before it stay. A project of Kamal gets its files in .kamal, because a folder
// .mrsk would hide the hooks and secrets that it has.
func Write(dir string) ([]File, error) {
	var done []File
	folder := folderIn(dir)
	err := fs.WalkDir(files, "files", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, "files/")
		if rest, ok := strings.CutPrefix(name, ".mrsk/"); ok {
			name = folder + "/" + rest
		}
		name = filepath.FromSlash(name)
		kept, err := write(path, filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		done = append(done, File{name, kept})
		return nil
	})
	return done, err
}

func folderIn(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, ".mrsk")); err == nil {
		return ".mrsk"
	}
	if _, err := os.Stat(filepath.Join(dir, ".kamal")); err == nil {
		return ".kamal"
	}
	return ".mrsk"
}

// write copies one file. It keeps whatever exists at target, even a dangling symbolic link.
func write(source, target string) (kept bool, err error) {
	text, err := files.ReadFile(source)
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return false, err
	}
	file, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode(source))
	if errors.Is(err, fs.ErrExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	_, err = file.Write(text)
	return false, errors.Join(err, file.Close())
}

// mode returns the mode of a file: hooks are executable, and secrets are private.
func mode(source string) fs.FileMode {
	switch {
	case strings.Contains(source, "/hooks/"):
		return 0o755
	case strings.HasSuffix(source, "/secrets"):
		return 0o600
	}
	return 0o644
}
