package vault

import (
	"fmt"
	"strings"
)

// Error reports that secrets could not be fetched.
type Error struct {
	Product string // name of the password manager
	Text    string // what failed; contains no secret
	Err     error  // of the program; may be nil. Do not show it: it may contain a secret
	hint    string
}

func (e *Error) Error() string { return e.Product + ": " + e.Text }

// Unwrap returns the error of the program.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns what may help, "" if nothing is known.
func (e *Error) Hint() string { return e.hint }

// AccountError reports that the adapter needs an account and the request has none.
type AccountError struct{ Adapter string }

func (e *AccountError) Error() string {
	return fmt.Sprintf("the adapter %s needs an account", e.Adapter)
}

// Hint returns the option that sets the account.
func (e *AccountError) Hint() string { return "add --account NAME" }

// AdapterError reports an unknown adapter name.
type AdapterError struct{ Adapter string }

func (e *AdapterError) Error() string { return fmt.Sprintf("unknown adapter %q", e.Adapter) }

// Hint lists the adapters.
func (e *AdapterError) Hint() string { return "the adapters are " + strings.Join(Names(), ", ") }
