// Package completion installs scripts that complete commands where shells find them.
package completion

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mrsk/internal/textfile"
)

// Shell is the name of a shell's program.
type Shell string

// The shells that have a script.
const (
	Bash       Shell = "bash"
	Zsh        Shell = "zsh"
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
)

// Shells returns all of them.
func Shells() []Shell { return []Shell{Bash, Zsh, Fish, PowerShell} }

// Place is where a shell finds a script.
type Place struct {
	Script  string // file of the script
	Startup string // file of the shell to add Lines to; "" if it needs none
	Lines   string
}

// ErrUnknownShell reports a shell for which no place is known.
var ErrUnknownShell = errors.New("no place is known for the completion of this shell")

// PlaceOf returns the place for a shell in the home of the user. Variables whose values are not absolute paths are
// ignored. The error is ErrUnknownShell, or says that home is not an absolute path.
func PlaceOf(shell Shell, home string, getenv func(string) string) (Place, error) {
	if !filepath.IsAbs(home) {
		return Place{}, errors.New("cannot find your home folder: set HOME to its absolute path")
	}
	folder := func(variable string, usual ...string) string {
		if named := getenv(variable); filepath.IsAbs(named) {
			return named
		}
		return filepath.Join(usual...)
	}
	data := folder("XDG_DATA_HOME", home, ".local", "share")
	switch shell {
	case Bash:
		return Place{Script: filepath.Join(folder("BASH_COMPLETION_USER_DIR", data, "bash-completion"), "completions", "mrsk")}, nil
	case Fish:
		return Place{Script: filepath.Join(folder("XDG_CONFIG_HOME", home, ".config"), "fish", "completions", "mrsk.fish")}, nil
	case Zsh:
		scripts := filepath.Join(data, "zsh", "site-functions")
		return Place{
			Script:  filepath.Join(scripts, "_mrsk"),
			Startup: filepath.Join(folder("ZDOTDIR", home), ".zshrc"),
			Lines:   zshLines(scripts),
		}, nil
	}
	return Place{}, ErrUnknownShell
}

// zshLines makes zsh find the script in a folder. compinit takes long, so it runs only if .zshrc has not run it before.
func zshLines(folder string) string {
	return "# completion of mrsk\nfpath=(" + quote(folder) + " $fpath)\n" +
		"if (( $+functions[compdef] )); then autoload -Uz _mrsk; compdef _mrsk mrsk; else autoload -Uz compinit; compinit; fi\n"
}

// quote makes one word of text in zsh.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Install writes the script, and adds the lines that the shell needs, unless all of that is there. It returns the
// files that it changed, those before an error too.
func (p Place) Install(script []byte) (changed []string, err error) {
	wrote, err := replace(p.Script, script)
	if wrote {
		changed = append(changed, p.Script)
	}
	if err != nil || p.Startup == "" {
		return changed, err
	}
	text, err := os.ReadFile(p.Startup)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return changed, err
	}
	if strings.Contains(string(text), p.Lines) {
		return changed, nil
	}
	if err := add(p.Startup, text, p.Lines); err != nil {
		return changed, err
	}
	return append(changed, p.Startup), nil
}

// replace writes a file unless it has the content. A shell that starts meanwhile reads the old content or the new.
func replace(file string, content []byte) (changed bool, err error) {
	if present, err := os.ReadFile(file); err == nil && bytes.Equal(present, content) {
		return false, nil
	}
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return false, err
	}
	err = textfile.Replace(file, content, 0o644)
	return err == nil, err
}

// add appends lines to a file with text, after a newline if the text has none at its end.
func add(file string, text []byte, lines string) error {
	if len(text) > 0 && text[len(text)-1] != '\n' {
		lines = "\n" + lines
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(appendAll(f, int64(len(text)), lines), f.Close())
}

// appendable is a file that is open for appending.
type appendable interface {
	io.StringWriter
	Truncate(size int64) error
}

// appendAll appends text to a file of a size. If the disk takes a part of it only, the file gets its old size again.
func appendAll(file appendable, size int64, text string) error {
	if _, err := file.WriteString(text); err != nil {
		return errors.Join(err, file.Truncate(size))
	}
	return nil
}
