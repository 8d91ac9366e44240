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

func (in *invocation) secretsGroup() *cobra.Command {
	return group("secrets", "Fetch secrets from password managers, and see what the secrets files hold",
		in.secretsFetchCommand(),
		in.secretsExtractCommand(),
		in.secretsPrintCommand(),
	)
}

// secrets are the secrets files of c.
func (in *invocation) secrets(ctx context.Context, c *config.Config) *secrets.Store {
	if in.store == nil {
		o := in.secretsOptions()
		o.Path, o.Destination, o.Own = c.SecretsPath, c.Destination, in.ownOfSecrets
		o.Environ = in.withDestination(c.Destination)
		in.store = secrets.Open(ctx, o)
	}
	return in.store
}

// secretsOptions are those of any dotenv file.
func (in *invocation) secretsOptions() secrets.Options {
	return secrets.Options{Dir: in.sys.Dir, Environ: in.sys.Environ, Run: in.runOfSecrets}
}

// withDestination is the environment of commands in secrets files. Where mrsk was started by one
// that has a destination, that is not inherited.
func (in *invocation) withDestination(destination string) []string {
	env := slices.Clone(in.sys.Environ)
	for _, name := range []string{"MRSK_DESTINATION", "KAMAL_DESTINATION"} {
		if destination != "" || in.sys.Getenv(name) != "" {
			env = append(env, name+"="+destination)
		}
	}
	return env
}

// runOfSecrets runs a command of a secrets file with the shell.
func (in *invocation) runOfSecrets(ctx context.Context, command string, env []string) (string, error) {
	c := in.attached(local.Command{
		Argv: []string{"/bin/sh", "-c", in.ownFunctions() + command}, Env: env, Dir: in.sys.Dir, Shown: "a command of the secrets file",
	}, true)
	r, err := local.Run(ctx, c)
	return r.Stdout, err
}

// ownFunctions makes mrsk, and kamal where secrets are asked for, mean this very program. What
// is extracted from goes to its stdin: everybody on the machine can see arguments.
func (in *invocation) ownFunctions() string {
	if in.sys.Program == "" {
		return ""
	}
	const functions = `
mrsk() { case $#:$1:$2 in 4:secrets:extract) printf %s "$4" | @ secrets extract "$3" - ;; *) @ "$@" ;; esac; }
kamal() { case $1 in secrets) mrsk "$@" ;; *) command kamal "$@" ;; esac; }
`
	return strings.ReplaceAll(functions, "@ ", shell.Quote(in.sys.Program)+" ")
}

// attached lets a program ask the person at the terminal, if there is one. What it writes to
// stderr goes there if it is for them.
func (in *invocation) attached(c local.Command, dialog bool) local.Command {
	if !in.sys.InTerminal {
		return c
	}
	c.Stdin, c.Foreground = in.sys.In, true
	if dialog {
		c.Stderr = in.sys.Err
	}
	return c
}

// ownOfSecrets runs a command of mrsk that a secrets file has, and returns what it prints.
func (in *invocation) ownOfSecrets(ctx context.Context, words, env []string) (string, error) {
	var out bytes.Buffer
	sys := in.sys
	sys.Out, sys.Environ = &out, env
	sys.Getenv = func(name string) string { return lastOf(env, name) }
	inner := &invocation{sys: sys}
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

// runOfVault runs the program of a password manager.
func (in *invocation) runOfVault(ctx context.Context, v vault.Command) (string, error) {
	c := in.attached(local.Command{Argv: v.Argv, Env: slices.Concat(in.sys.Environ, v.Env), Dir: in.sys.Dir}, v.Dialog)
	if v.ShowStdout {
		c.Stdout = in.sys.Err
	}
	r, err := local.Run(ctx, c)
	return r.Stdout, err
}
