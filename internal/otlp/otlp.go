// Package otlp has the JSON form of the OpenTelemetry protocol, as far as mrsk uses it: logs and traces. Numbers of 64
// bits are strings in it, and identifiers are hexadecimal.
package otlp

import (
	"slices"
	"strconv"
	"time"
)

// Resource is what sends.
type Resource struct {
	Attributes []Attribute `json:"attributes"`
}

// Scope is the library that made records or spans.
type Scope struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Attribute is a name and a value.
type Attribute struct {
	Key   string `json:"key"`
	Value Value  `json:"value"`
}

// Value is a value of one of several types. One field is set.
type Value struct {
	String *string  `json:"stringValue,omitempty"` // a text
	Double *float64 `json:"doubleValue,omitempty"` // a number
	Bool   *bool    `json:"boolValue,omitempty"`   // true or false
	Int    *string  `json:"intValue,omitempty"`    // an integer, in decimal
}

// Text returns a text as a value.
func Text(s string) Value { return Value{String: &s} }

// Number returns an attribute with a number.
func Number(key string, n float64) Attribute { return Attribute{key, Value{Double: &n}} }

// Integer returns an attribute with an integer.
func Integer(key string, n int) Attribute {
	text := strconv.Itoa(n)
	return Attribute{key, Value{Int: &text}}
}

// True returns an attribute that is true.
func True(key string) Attribute {
	yes := true
	return Attribute{key, Value{Bool: &yes}}
}

// Attributes returns attributes from pairs of names and texts. It leaves out empty texts.
func Attributes(pairs ...string) []Attribute {
	var out []Attribute
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			out = append(out, Attribute{pair[0], Text(pair[1])})
		}
	}
	return out
}

// Nanos returns a time as a 64-bit number.
func Nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
