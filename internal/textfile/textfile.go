// Package textfile reads and replaces files that people write: configurations, secrets files, keys. A path may lead to
// anything, such as a pipe or a disk. So a read does not wait for a writer, and has a size limit.
package textfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Most is the largest size that Read accepts, in bytes.
const Most = 1 << 20

// Read returns the content of a file. It reads a pipe to its end, and does not wait for a process to open
// the pipe for writing. The error is an *fs.PathError, also if the file has more than Most bytes.
func Read(path string) ([]byte, error) { return ReadUpTo(path, Most) }

// ReadUpTo is like Read with a limit of most bytes.
func ReadUpTo(path string, most int) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(text) > most {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("is larger than %d bytes", most)}
	}
	return text, err
}

// Replace writes a file in one move: whoever reads it meanwhile, and whoever looks at it after a failure, finds
// the old content or the new. If path is a symbolic link, the file it leads to is replaced.
func Replace(path string, content []byte, mode fs.FileMode) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".mrsk-*")
	if err != nil {
		return err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.Write(content)
	if err := errors.Join(err, fresh.Chmod(mode), fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), path)
}

// CheckReplace returns why Replace would fail now, and changes nothing. The error names no temporary file.
func CheckReplace(path string) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return errNotAFile
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".mrsk-*")
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	if err != nil {
		return err
	}
	return errors.Join(fresh.Close(), os.Remove(fresh.Name()))
}

// errNotAFile reports a folder, a device or a pipe, which must not be replaced by a file.
var errNotAFile = errors.New("it is there and is not a file")
