// Package redact holds values that must not be shown.
//
// A String can be stored, copied and compared like any other value. Wherever it is printed, logged or
// encoded it shows only Mark. Reveal is the only way to its value, so a search for Reveal finds every place
// that uses a secret.
package redact

import (
	"fmt"
	"io"
	"unique"
)

// Mark replaces secrets.
const Mark = "[REDACTED]"

// String is a string whose value is not shown. The zero value is the empty string.
type String struct {
	// value is a handle and not the text, because fmt calls no method of a String in a field that is not
	// exported, and prints what it is made of. The zero handle stands for "".
	value unique.Handle[string]
}

// New returns a String with that value.
func New(value string) String {
	if value == "" {
		return String{}
	}
	return String{unique.Make(value)}
}

// Reveal returns the value. Pass it only to where it is meant to go, such as the environment of a
// container or a registry login.
func (s String) Reveal() string {
	if s.Empty() {
		return ""
	}
	return s.value.Value()
}

// Empty reports whether the value is "".
func (s String) Empty() bool { return s == String{} }

// String returns Mark.
func (s String) String() string { return Mark }

// Format writes Mark for every verb of package fmt.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mark) }

// MarshalText returns Mark. JSON and YAML encoders use it.
func (s String) MarshalText() ([]byte, error) { return []byte(Mark), nil }

// Hide returns text with every spelling of the secrets replaced by Mark. Use it for output of other
// programs, which may contain a secret. See Secrets.Hide.
func Hide(text string, secrets ...String) string { return Of(secrets...).Hide(text) }
