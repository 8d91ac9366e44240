// Package redact holds values that must not be shown.
//
// A String can be stored, copied, compared and formatted like any other value, and shows only
// a mark wherever it is printed, logged or encoded. The one way to the value is Reveal, so that
// every place that lets a secret out can be found by searching for that word.
package redact

import (
	"fmt"
	"io"
)

// Mark stands where a secret was.
const Mark = "[REDACTED]"

// String is a string that hides itself. The zero value is the empty string.
type String struct{ value string }

// New hides value.
func New(value string) String { return String{value} }

// Reveal returns the value. Callers pass it on to a place meant for it (a container's
// environment, a registry login) and to no other.
func (s String) Reveal() string { return s.value }

// Empty reports whether there is no value.
func (s String) Empty() bool { return s.value == "" }

// String returns Mark.
func (s String) String() string { return Mark }

// Format prints Mark for every verb, so that %v, %+v, %#v, %q and %x are all safe.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mark) }

// MarshalText encodes Mark; it serves JSON and YAML encoders too.
func (s String) MarshalText() ([]byte, error) { return []byte(Mark), nil }

// Hide returns text with every spelling of the given secrets replaced by Mark: for text that
// other programs wrote and that may quote a secret.
func Hide(text string, secrets ...String) string { return Of(secrets...).Hide(text) }
