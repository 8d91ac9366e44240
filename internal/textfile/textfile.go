// Package textfile reads what people write: configurations, secrets files, keys. What a path
// leads to may be anything, so it neither waits for nor keeps what no such file needs.
package textfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Most is how many bytes a file may have that a person has written.
const Most = 1 << 20

// Read returns the content of a file. A pipe is read to its end, and nobody is waited for who
// might open it later. It is an error that there are more than Most bytes.
func Read(path string) ([]byte, error) { return ReadUpTo(path, Most) }

// ReadUpTo is Read for a file that may be larger.
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
