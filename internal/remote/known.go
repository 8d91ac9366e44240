package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// readKnown reads those of files that are there. OpenSSH passes over lines that it does not
// understand, where the library gives up the whole file.
func readKnown(files []string) (*knownhosts.HostKeyDB, map[string]string, error) {
	var present []string
	for _, f := range files {
		info, err := os.Stat(f)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, nil, err
		case info.Mode().IsRegular():
			present = append(present, f)
		case f != os.DevNull:
			return nil, nil, fmt.Errorf("%s is not a file", f)
		}
	}
	db, err := knownhosts.NewDB(present...)
	if err == nil {
		return db, nil, nil
	}
	return readKnownTolerantly(present)
}

// readKnownTolerantly reads copies of files in which such lines are empty. It also returns the
// files' names by those of their copies.
func readKnownTolerantly(files []string) (*knownhosts.HostKeyDB, map[string]string, error) {
	dir, err := os.MkdirTemp("", "mrsk-known-hosts-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	origin := map[string]string{}
	var copies []string
	for i, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, nil, err
		}
		copied := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(copied, withoutOddLines(text), 0o600); err != nil {
			return nil, nil, err
		}
		copies, origin[copied] = append(copies, copied), f
	}
	db, err := knownhosts.NewDB(copies...)
	return db, origin, err
}

func withoutOddLines(text []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		if _, _, _, _, _, err := ssh.ParseKnownHosts(line); err == nil {
			out.Write(bytes.TrimRight(line, "\r\n"))
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// add appends the key of address to the first of the files, and returns its name. Other
// processes may do the same at the same time.
func (t *trust) add(address string, key ssh.PublicKey, hashed bool) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := knownhosts.Normalize(address)
	if hashed {
		name = xknownhosts.HashHostname(name)
	}
	line := name + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + "\n"
	return t.file(), appendLine(t.file(), line)
}

func appendLine(path, line string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	// The lock goes with the file; where there is none, appending in one write is all there is.
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
		line = "\n" + line
	}
	_, err = f.WriteString(line)
	return err
}
