package vault

import (
	"fmt"
	"strings"
)

// Error is what kept a vault from giving its secrets.
type Error struct {
	Product string // the vault
	Text    string // no value is in it
	Err     error  // of the program, nil without one; it may say more than is to be seen
	hint    string
}

func (e *Error) Error() string { return e.Product + ": " + e.Text }

func (e *Error) Unwrap() error { return e.Err }

// Hint says what may help.
func (e *Error) Hint() string { return e.hint }

// AccountError is an adapter that cannot do without an account, and got none.
type AccountError struct{ Adapter string }

func (e *AccountError) Error() string {
	return fmt.Sprintf("the adapter %s needs an account", e.Adapter)
}

// Hint says how to name one.
func (e *AccountError) Hint() string { return "add --account NAME" }

// AdapterError is an adapter that there is not.
type AdapterError struct{ Adapter string }

func (e *AdapterError) Error() string { return fmt.Sprintf("there is no adapter %q", e.Adapter) }

// Hint lists those that there are.
func (e *AdapterError) Hint() string { return "the adapters are " + strings.Join(Names(), ", ") }
