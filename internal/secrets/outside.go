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

// outside is what a secrets file can refer to: the environment and commands.
type outside struct {
	lookup func(name string) (string, bool)
	run    func(command string, set []Secret) (string, error)
	own    func(words []string, set []Secret) (string, error) // nil where mrsk has no commands
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

// reading is the variable that tells commands of secrets files which files are being read.
const reading = "MRSK_READING_SECRETS"

// readingIn is what commands of these files are told: an mrsk that one of them starts would
// otherwise run the same command again, without end.
func (o Options) readingIn() string {
	outer, _ := lookup(o.Environ, reading)
	return strings.Join(append(filepath.SplitList(outer), o.place()), string(filepath.ListSeparator))
}

func (o Options) isBeingRead() bool {
	outer, _ := lookup(o.Environ, reading)
	return slices.Contains(filepath.SplitList(outer), o.place())
}

// place tells the secrets files of a project from all others.
func (o Options) place() string {
	at := o.in(o.base())
	if full, err := filepath.Abs(at); err == nil {
		return full
	}
	return at
}

// lookup finds a variable in NAME=value entries; the last one counts.
func lookup(environ []string, name string) (string, bool) {
	for _, entry := range slices.Backward(environ) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// withSecrets is the environment of a command: the values that the file has set so far come on
// top, so that the shell expands them itself and no value is ever part of a command line.
func withSecrets(environ []string, set []Secret) []string {
	env := append([]string(nil), environ...)
	for _, s := range set {
		if value := s.Value.Reveal(); !strings.ContainsRune(value, 0) {
			env = append(env, s.Key+"="+value)
		}
	}
	return env
}

// chomp takes one line end off.
func chomp(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

// hide takes the values out of what a command wrote about its failure.
func hide(text string, set []Secret) string {
	var values []redact.String
	for _, s := range set {
		values = append(append(values, s.Value), inside(s.Value)...)
	}
	return redact.Hide(text, values...)
}

// inside are the values of a document.
func inside(document redact.String) []redact.String {
	text := document.Reveal()
	if !isDocument(text) {
		return nil
	}
	var members map[string]any
	_ = json.Unmarshal([]byte(text), &text) // where it is a JSON string
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
