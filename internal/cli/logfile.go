package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// logDir is the folder for logs, relative to the project. In a project of Kamal that is in .kamal: a folder .mrsk would
// take the place of the hooks and secrets there.
func (o *opener) logDir() string {
	folder := ".mrsk"
	if o.loader.ofKamal() {
		folder = ".kamal"
	}
	return filepath.Join(folder, "logs")
}

// saveLog keeps a container's log in the project and returns the path of the file, relative to the project.
func (o *opener) saveLog(host, step string, log []byte) (string, error) {
	name := fmt.Sprintf("%s-%s-%s.log", o.sys.Now().UTC().Format("20060102T150405Z"), fileName(host), fileName(step))
	path := filepath.Join(o.logDir(), name)
	return path, o.writeLog(path, string(log))
}

// writeLog writes a file of the folder for logs, without secrets. path is relative to the project. Git does not
// see the folder.
func (o *opener) writeLog(path, text string) error {
	path = filepath.Join(o.sys.Dir, path)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(o.console.hidden.hide(text)), 0o600)
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func fileName(s string) string { return unsafe.ReplaceAllString(s, "_") }
