// Package vault fetches secrets from password managers and secret stores through the command line program of
// each vendor. An adapter builds the command lines and parses their output. The caller supplies the function
// that runs programs.
//
// Passwords and session keys are passed to programs in their environment, never in their arguments, which every
// user of the machine can read. No error contains a secret.
package vault

import (
	"context"
)

// Command is a program to run.
type Command struct {
	Argv []string
	Env  []string // NAME=value, added to the environment; the values are secret
	// Dialog says that the program may ask the user a question. Its stderr goes to the terminal.
	Dialog bool
	// ShowStdout says that its stdout goes to the user, too, and is not returned.
	ShowStdout bool
}

// Run runs a program and returns its stdout. Its errors are those of local.Run.
type Run func(ctx context.Context, c Command) (stdout string, err error)

// Request says which secrets to fetch.
type Request struct {
	Adapter string   // a name of an adapter
	Account string   // "" for none
	From    string   // vault, folder or project that the names are in; "" for none
	Names   []string // in the form of the adapter
	// Getenv returns a variable of the environment of the programs.
	Getenv func(name string) string
}

// Fetch returns the secrets of r, in an order that depends only on r and the vault. The error is an
// *AdapterError, an *AccountError, or an *Error, which wraps the cause of ctx if ctx has ended.
func Fetch(ctx context.Context, run Run, r Request) (Values, error) {
	a, err := find(r.Adapter)
	if err != nil {
		return nil, err
	}
	if a.account && r.Account == "" {
		return nil, &AccountError{Adapter: r.Adapter}
	}
	q := &query{Request: r, adapter: a, run: run}
	if len(r.Names) == 0 && !(a.wholes && r.From != "") {
		return nil, q.failure(a.noNames(), nil)
	}
	return a.fetch(ctx, q)
}
