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

// Run runs a command line with /bin/sh -c and the environment env (NAME=value), and returns its standard output.
// Its error contains the standard error of a command that fails.
type Run func(ctx context.Context, command string, env []string) (stdout string, err error)

// Own runs a command of mrsk itself in this process with the environment env, and returns its value. words are
// the command without the name of the program, such as "secrets", "fetch".
type Own func(ctx context.Context, words, env []string) (value string, err error)

// Options say where the secrets files are, and how their commands run.
type Options struct {
	Path        string   // "" is .mrsk/secrets, or .kamal/secrets if there is only a .kamal folder
	Destination string   // "" without one
	Dir         string   // base of a relative Path; "" is the working directory
	Environ     []string // NAME=value, for $NAME that no file sets, and for commands
	Run         Run      // nil makes every command an error
	Own         Own      // nil runs commands of mrsk with Run
}

// Secret is an entry of the secrets files.
type Secret struct {
	Key   string
	Value redact.String
	file  string
	line  int
	why   string // why Value may be empty
}

// Store holds the secrets of a project. It is safe for concurrent use.
type Store struct {
	files func() []string
	load  func() ([]Secret, error)
}

// Open returns the store of a project. It reads nothing before the first call of Get or All. When ctx ends, the
// commands that this call has started are ended.
func Open(ctx context.Context, opts Options) *Store {
	files := sync.OnceValue(opts.files)
	return &Store{
		files: files,
		load:  sync.OnceValues(func() ([]Secret, error) { return opts.load(ctx, files()) }),
	}
}

// Get returns a secret. The error is a *MissingError if no file has the key, and an *EmptyError if its value is
// empty. A *PartError comes with a value of which a part is empty. If the files cannot be read, or a command fails, it is a *FileError for every key.
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

// All returns all secrets in the order of the files. The error is a *FileError.
func (s *Store) All() ([]Secret, error) {
	all, err := s.load()
	return append([]Secret(nil), all...), err
}

// Files returns the secrets files that exist.
func (s *Store) Files() []string { return s.files() }

// MissingError reports a secret that is in none of the files.
type MissingError struct {
	Key   string
	Files []string // that were read
}

func (e *MissingError) Error() string { return fmt.Sprintf("there is no secret %s", e.Key) }

// MissingSecret returns Key. Packages that may not import this one recognize the error by this method.
func (e *MissingError) MissingSecret() string { return e.Key }

// Hint returns where to set the secret.
func (e *MissingError) Hint() string {
	if len(e.Files) == 0 {
		return "there is no secrets file yet: write .mrsk/secrets, with lines such as NAME=value"
	}
	return "set it in " + strings.Join(e.Files, " or ")
}

// EmptyError reports a secret whose value is empty.
type EmptyError struct {
	Key  string
	File string
	Line int    // in File, where it is set
	Why  string // such as a variable that is not set; "" if the file has no value
}

// PartError reports a secret of which a part is empty, such as an address without its password. Its value can
// be used.
type PartError struct {
	Key  string
	File string
	Line int // in File, where it is set
	Why  string
}

func (e *PartError) Error() string {
	return fmt.Sprintf("%s:%d: a part of the secret %s is empty: %s", e.File, e.Line, e.Key, e.Why)
}

func (s Secret) empty() error {
	switch {
	case s.Value.Empty():
	case s.why != "":
		return &PartError{Key: s.Key, File: s.file, Line: s.line, Why: s.why}
	default:
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

// Hint returns how to give the secret a value.
func (e *EmptyError) Hint() string {
	if e.Why != "" {
		return "set what the value is taken from, or write the value into " + e.File
	}
	return "write the value into " + e.File
}

// EmptySecret returns Key. Packages that may not import this one recognize the error by this method.
func (e *EmptyError) EmptySecret() string { return e.Key }

// FileError reports a secrets file that cannot be read, a syntax error in it, or a command that failed.
type FileError struct {
	File string
	Line int // 0 for the whole file
	Text string
	Err  error // of the command or of reading the file; nil for a syntax error
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Unwrap returns the error of the command, or of reading the file.
func (e *FileError) Unwrap() error { return e.Err }

// Hint returns how to find out what is wrong with a command.
func (e *FileError) Hint() string {
	if e.Line == 0 || e.Err == nil {
		return ""
	}
	return "run the command in a shell: it has to print the value and to end with status 0"
}

// files returns the files that exist, of any type: reading them reports what is wrong.
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

// load reads the files. A value in a later file replaces one in an earlier file.
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

// reason returns the text of err without the path, which FileError has.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}
