package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"mrsk/internal/redact"
)

// outside is what a secrets file can refer to: variables of the environment, and commands.
type outside struct {
	lookup func(name string) (string, bool)
	run    func(command string, set []Secret) (string, error)
	own    func(words []string, set []Secret) (string, error) // nil runs commands of mrsk with run
}

func environment(ctx context.Context, opts Options) outside {
	environ := append(slices.Clone(opts.Environ), reading+"="+opts.readingIn())
	world := outside{
		lookup: func(name string) (string, bool) { return lookup(opts.Environ, name) },
		run: func(command string, set []Secret) (string, error) {
			if opts.Run == nil {
				return "", errors.New("commands cannot be run here")
			}
			out, err := opts.Run(ctx, command, withSecrets(environ, set))
			return chomp(out), err
		},
	}
	if opts.Own != nil {
		world.own = func(words []string, set []Secret) (string, error) {
			return opts.Own(ctx, words, withSecrets(environ, set))
		}
	}
	return world
}

// reading is the variable with the secrets files that are being read, for the commands in them.
const reading = "MRSK_READING_SECRETS"

// readingIn returns the value of that variable for commands of these files. It stops a mrsk that such a command
// starts from running the same command again, without end.
func (o Options) readingIn() string {
	outer, _ := lookup(o.Environ, reading)
	return strings.Join(append(filepath.SplitList(outer), o.place()), string(filepath.ListSeparator))
}

func (o Options) isBeingRead() bool {
	outer, _ := lookup(o.Environ, reading)
	return slices.Contains(filepath.SplitList(outer), o.place())
}

// place returns the path that identifies the secrets files of a project.
func (o Options) place() string {
	at := o.in(o.base())
	if full, err := filepath.Abs(at); err == nil {
		return full
	}
	return at
}

// lookup returns a variable of NAME=value entries. The last entry counts.
func lookup(environ []string, name string) (string, bool) {
	for _, entry := range slices.Backward(environ) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// withSecrets returns the environment of a command: environ and the values that the file has set so far. The
// shell expands them, so that no value is part of a command line.
func withSecrets(environ []string, set []Secret) []string {
	env := append([]string(nil), environ...)
	for _, s := range set {
		if value := s.Value.Reveal(); !strings.ContainsRune(value, 0) {
			env = append(env, s.Key+"="+value)
		}
	}
	return env
}

// chomp removes one line end.
func chomp(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

// hide removes the values from the error output of a command.
func hide(text string, set []Secret) string {
	var values []redact.String
	for _, s := range set {
		values = append(append(values, s.Value), inside(s.Value)...)
	}
	return redact.Hide(text, values...)
}

// inside returns the values in a document of secrets fetch.
func inside(document redact.String) []redact.String {
	text := document.Reveal()
	if !isDocument(text) {
		return nil
	}
	var members map[string]any
	_ = json.Unmarshal([]byte(text), &text) // if it is a JSON string that contains the document
	if json.Unmarshal([]byte(text), &members) != nil {
		return nil
	}
	var all []redact.String
	for _, member := range members {
		if text, ok := member.(string); ok {
			all = append(all, redact.New(text))
		}
	}
	return all
}
