package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// saveLog keeps a container's log in the project, where git does not see it. In one of Kamal's
// that is .kamal: a folder .mrsk would take the place of the hooks and secrets there.
func (o *opener) saveLog(host, step string, log []byte) (string, error) {
	dir := filepath.Join(o.sys.Dir, ".mrsk", "logs")
	if o.loader.ofKamal() {
		dir = filepath.Join(o.sys.Dir, ".kamal", "logs")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600); err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-%s-%s.log", o.sys.Now().UTC().Format("20060102T150405Z"), fileName(host), fileName(step))
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, []byte(o.console.hidden.hide(string(log))), 0o600)
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func fileName(s string) string { return unsafe.ReplaceAllString(s, "_") }
