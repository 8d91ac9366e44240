package cli

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/local"
	"mrsk/internal/secrets"
	"mrsk/internal/shell"
	"mrsk/internal/vault"
)

func secretsGroup(p *program) *cobra.Command {
	return group("secrets", "Fetch secrets from password managers, and show the secrets files' values",
		secretsFetchCommand(p),
		secretsExtractCommand(p),
		secretsPrintCommand(p),
	)
}

// secretFiles are the secrets files of the project, which are read when a secret is first asked for.
type secretFiles struct {
	sys     *System
	console *console // nil tells nobody what is waited for
	store   *secrets.Store
}

// of opens the secrets files of c.
func (s *secretFiles) of(ctx context.Context, c *config.Project) *secrets.Store {
	if s.store == nil {
		o := s.options()
		o.Path, o.Destination, o.Own = c.SecretsPath, c.Destination, s.own
		o.Environ = s.withDestination(c.Destination)
		s.store = secrets.Open(ctx, o)
	}
	return s.store
}

// options are those of any dotenv file.
func (s *secretFiles) options() secrets.Options {
	return secrets.Options{Dir: s.sys.Dir, Environ: s.sys.Environ, Run: s.run}
}

// withDestination is the environment of commands in secrets files. Where mrsk was started by one
// that has a destination, that is not inherited.
func (s *secretFiles) withDestination(destination string) []string {
	env := slices.Clone(s.sys.Environ)
	for _, name := range []string{"MRSK_DESTINATION", "KAMAL_DESTINATION"} {
		if destination != "" || s.sys.Getenv(name) != "" {
			env = append(env, name+"="+destination)
		}
	}
	return env
}

// run runs a command of a secrets file with the shell.
func (s *secretFiles) run(ctx context.Context, command string, env []string) (string, error) {
	c := s.attached(local.Command{
		Argv: []string{"/bin/sh", "-c", s.ownFunctions() + command}, Env: env, Dir: s.sys.Dir, Shown: "a command of the secrets file",
	}, true)
	defer s.waiting("a command of the secrets file")()
	r, err := local.Run(ctx, c)
	return r.Stdout, err
}

// waiting tells the user what the run waits for, see console.waiting. Such a program has no limit, because it
// may ask a person.
func (s *secretFiles) waiting(what string) (stop func()) {
	if s.console == nil {
		return func() {}
	}
	return s.console.waiting(what)
}

// ownFunctions makes mrsk, and kamal where secrets are asked for, mean this very program. What
// is extracted from goes to its stdin: everybody on the machine can see arguments.
func (s *secretFiles) ownFunctions() string {
	if s.sys.Program == "" {
		return ""
	}
	const functions = `
mrsk() { case $#:$1:$2 in 4:secrets:extract) printf %s "$4" | @ secrets extract "$3" - ;; *) @ "$@" ;; esac; }
kamal() { case $1 in secrets) mrsk "$@" ;; *) command kamal "$@" ;; esac; }
`
	return strings.ReplaceAll(functions, "@ ", shell.Quote(s.sys.Program)+" ")
}

// attached lets a program ask the person at the terminal, if there is one. What it writes to
// stderr goes there if it is for them.
func (s *secretFiles) attached(c local.Command, dialog bool) local.Command {
	if !s.sys.InTerminal {
		return c
	}
	c.Stdin, c.Foreground = s.sys.In, true
	if dialog {
		c.Stderr = s.sys.Err
	}
	return c
}

// own runs a command of mrsk that a secrets file has, and returns what it prints.
func (s *secretFiles) own(ctx context.Context, words, env []string) (string, error) {
	var out bytes.Buffer
	sys := *s.sys
	sys.Out, sys.Environ = &out, env
	sys.Getenv = func(name string) string { return lastOf(env, name) }
	inner := newProgram(ctx, sys)
	defer inner.close()
	err := inner.execute(ctx, words)
	var usage usageError
	if errors.As(err, &usage) {
		err = usageInFile{usage}
	}
	return strings.TrimSuffix(out.String(), "\n"), err
}

// usageInFile is a usageError of a command in a file: what was typed does make sense.
type usageInFile struct{ usage usageError }

func (e usageInFile) Error() string { return e.usage.Error() }
func (e usageInFile) Hint() string  { return e.usage.Hint() }

// lastOf finds a variable in NAME=value entries; the last one counts.
func lastOf(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}

// runVault runs the program of a password manager.
func (s *secretFiles) runVault(ctx context.Context, v vault.Command) (string, error) {
	c := s.attached(local.Command{Argv: v.Argv, Env: slices.Concat(s.sys.Environ, v.Env), Dir: s.sys.Dir}, v.Dialog)
	if v.ShowStdout {
		c.Stdout = s.sys.Err
	}
	defer s.waiting(v.Argv[0])()
	r, err := local.Run(ctx, c)
	return r.Stdout, err
}
