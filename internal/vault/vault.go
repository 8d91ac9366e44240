// Package vault fetches secrets from password managers and secret stores, each through the
// program of its vendor. An adapter builds command lines and reads what they print; the programs
// themselves are run by a function that is handed in.
//
// What opens a vault reaches a program in its environment, not in its arguments, which anybody on
// the machine can read. No value is ever part of an error.
package vault

import (
	"context"
)

// Command is a program to run.
type Command struct {
	Argv []string
	Env  []string // KEY=value, added to the environment; the values are secret
	// Dialog says that the program may ask a person for something: what it writes to stderr is
	// for them.
	Dialog bool
	// Told says that its stdout is for them, too; nothing is read from it.
	Told bool
}

// Run runs a program and returns what it printed. Its errors are those of package local.
type Run func(ctx context.Context, c Command) (stdout string, err error)

// Request says what is wanted.
type Request struct {
	Adapter string
	Account string   // "" for none
	From    string   // vault, folder or project that the names are in; "" for none
	Names   []string // in the way of the adapter
	// Getenv finds a variable of the environment that the programs have.
	Getenv func(name string) string
}

// Fetch returns the secrets that r asks for, always in the same order. The error is an
// *AdapterError, an *AccountError, or an *Error, which may have the cause of ctx in it.
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
