package secrets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"mrsk/internal/redact"
	"mrsk/internal/textfile"
)

// Run runs a command line with /bin/sh -c and the environment env (NAME=value), and returns its
// standard output. The error of a command that fails says what it wrote to standard error.
type Run func(ctx context.Context, command string, env []string) (stdout string, err error)

// Own runs a command of mrsk itself, whose words are without the program's name, with the
// environment env, and returns the value that it has.
type Own func(ctx context.Context, words, env []string) (value string, err error)

// Options say where the secrets are.
type Options struct {
	Path        string   // "" is .mrsk/secrets, or .kamal/secrets where only that folder is
	Destination string   // "" without one
	Dir         string   // what a relative Path is relative to; "" is the working directory
	Environ     []string // NAME=value, what $NAME falls back to and commands get
	Run         Run
	Own         Own // nil leaves mrsk's own commands to Run
}

// Secret is an entry of the secrets files.
type Secret struct {
	Key   string
	Value redact.String
	file  string
	line  int
	why   string // it may be empty
}

// Store has the secrets of a project. It is safe for use by many goroutines at once.
type Store struct {
	files func() []string
	load  func() ([]Secret, error)
}

// Open returns the store of a project. It reads nothing yet; ctx ends the commands that the
// first question will start.
func Open(ctx context.Context, opts Options) *Store {
	files := sync.OnceValue(opts.files)
	return &Store{
		files: files,
		load:  sync.OnceValues(func() ([]Secret, error) { return opts.load(ctx, files()) }),
	}
}

// Get returns a secret. It is a *MissingError that there is none of that name, an *EmptyError that
// it has no value, and a *FileError that the files cannot be read; the latter comes whatever the
// name is.
func (s *Store) Get(key string) (redact.String, error) {
	all, err := s.load()
	if err != nil {
		return redact.String{}, err
	}
	for _, secret := range all {
		if secret.Key == key {
			return secret.Value, secret.empty()
		}
	}
	return redact.String{}, &MissingError{Key: key, Files: s.files()}
}

// All returns every secret, in the files' order. The error is a *FileError.
func (s *Store) All() ([]Secret, error) {
	all, err := s.load()
	return append([]Secret(nil), all...), err
}

// Files returns the secrets files that there are.
func (s *Store) Files() []string { return s.files() }

// MissingError is a secret that is in none of the files.
type MissingError struct {
	Key   string
	Files []string // that were read
}

func (e *MissingError) Error() string { return fmt.Sprintf("there is no secret %s", e.Key) }

// MissingSecret is the secret's name.
func (e *MissingError) MissingSecret() string { return e.Key }

// Hint says where the secret can be set.
func (e *MissingError) Hint() string {
	if len(e.Files) == 0 {
		return "there is no secrets file yet: write .mrsk/secrets, with lines such as NAME=value"
	}
	return "set it in " + strings.Join(e.Files, " or ")
}

// EmptyError is a secret without a value.
type EmptyError struct {
	Key  string
	File string
	Line int    // of the file, where it is set
	Why  string // "" where nothing is all that the file says
}

func (s Secret) empty() error {
	if !s.Value.Empty() {
		return nil
	}
	return &EmptyError{Key: s.Key, File: s.file, Line: s.line, Why: s.why}
}

func (e *EmptyError) Error() string {
	text := fmt.Sprintf("%s:%d: the secret %s is empty", e.File, e.Line, e.Key)
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

// EmptySecret is the secret's name.
func (e *EmptyError) EmptySecret() string { return e.Key }

// FileError is a secrets file that cannot be read, or a command in it that failed.
type FileError struct {
	File string
	Line int // 0 when it is about the whole file
	Text string
	Err  error // of the command or of the file, nil for mistakes in writing
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

func (e *FileError) Unwrap() error { return e.Err }

// files returns those of the files that exist, be they what they may: reading them tells.
func (o Options) files() []string {
	base := o.base()
	last := base
	if o.Destination != "" {
		last = base + "." + o.Destination
	}
	var found []string
	for _, file := range []string{base + "-common", last} {
		if _, err := os.Lstat(o.in(file)); err == nil {
			found = append(found, file)
		}
	}
	return found
}

func (o Options) base() string {
	if o.Path != "" {
		return o.Path
	}
	if !o.isDir(".mrsk") && o.isDir(".kamal") {
		return ".kamal/secrets"
	}
	return ".mrsk/secrets"
}

func (o Options) isDir(name string) bool {
	info, err := os.Stat(o.in(name))
	return err == nil && info.IsDir()
}

func (o Options) in(file string) string {
	if o.Dir == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(o.Dir, file)
}

// load reads the files; a later file wins.
func (o Options) load(ctx context.Context, files []string) ([]Secret, error) {
	if o.isBeingRead() {
		return nil, &FileError{File: o.base(), Text: "a command of this file needs the secrets of this file"}
	}
	all := parser{has: map[string]int{}}
	for _, file := range files {
		text, err := textfile.Read(o.in(file))
		if err != nil {
			return nil, &FileError{File: file, Text: reason(err), Err: err}
		}
		found, err := parse(file, string(text), environment(ctx, o))
		if err != nil {
			return nil, err
		}
		for _, secret := range found {
			all.keep(secret)
		}
	}
	return all.set, nil
}

// reason is err without the path, which is told anyway.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}
