// Package scaffold creates the first files of a project: a configuration from what its folder and its user tell, a
// secrets file, and a sample of each hook. It also converts projects of Kamal. Write never changes a file that
// exists.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mrsk/internal/config"
)

//go:embed all:files
var files embed.FS

// DeployFile is the path of the configuration in a project.
const DeployFile = "config/deploy.yml"

// File is one file of a new project.
type File struct {
	Path string // relative to the project
	Kept bool   // it existed and was not changed
}

// Write creates config/deploy.yml for p, its schema, the secrets file and a sample of each hook in dir, the folder of
// the project. It returns the files. If the project has a config/deploy.yml, p is not used. Write stops at the first
// file that cannot be written; the files before it stay. A project of Kamal gets its files in .kamal, because a
// folder .mrsk would hide the hooks and secrets that it has.
func Write(dir string, p Project) ([]File, error) {
	var done []File
	add := func(name string, mode fs.FileMode, text []byte) error {
		kept, err := write(filepath.Join(dir, name), mode, text)
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		done = append(done, File{name, kept})
		return nil
	}
	text, folder := "", folderIn(dir)
	if !HasDeployFile(dir) {
		var err error
		if text, err = p.deployFile(folder); err != nil {
			return nil, err
		}
	}
	if err := add(DeployFile, 0o644, []byte(text)); err != nil {
		return nil, err
	}
	if err := add(folder+"/"+schemaFile, 0o644, []byte(config.Schema())); err != nil {
		return done, err
	}
	return done, samples(folder, add)
}

// HasDeployFile reports whether the project in dir has a config/deploy.yml.
func HasDeployFile(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, DeployFile))
	return err == nil
}

// samples adds the embedded files to the project's folder for hooks and secrets.
func samples(folder string, add func(name string, mode fs.FileMode, text []byte) error) error {
	return fs.WalkDir(files, "files/.mrsk", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		return add(folder+strings.TrimPrefix(path, "files/.mrsk"), mode(path), text)
	})
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

// write writes one file. It keeps whatever exists at target, even a dangling symbolic link.
func write(target string, mode fs.FileMode, text []byte) (kept bool, err error) {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return false, err
	}
	file, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	_, err = file.Write(text)
	return false, errors.Join(err, file.Close())
}

// mode returns the mode of a sample: hooks are executable, and secrets are private.
func mode(source string) fs.FileMode {
	if strings.Contains(source, "/hooks/") {
		return 0o755
	}
	return 0o600
}
