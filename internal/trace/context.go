// Package trace makes OpenTelemetry spans from the events of a command: the command, its phases, their hosts, and the
// steps and waits of each host.
package trace

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strings"
)

// Context is the place of a span in a trace, as W3C Trace Context has it. The zero value is no place.
type Context struct {
	TraceID [16]byte
	SpanID  [8]byte
	Flags   byte
	State   string // what other tracing systems keep in the trace
}

const (
	sampled    = 0x01
	knownFlags = 0x03 // sampled, and that the trace's ID is random
)

// traceparent is a header of the form that all versions begin with.
var traceparent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$`)

// ParseContext reads the variables TRACEPARENT and TRACESTATE. ok is false if there is no parent, or the text is not one.
func ParseContext(parent, state string) (c Context, ok bool) {
	parts := traceparent.FindStringSubmatch(strings.TrimSpace(parent))
	if parts == nil || parts[1] == "ff" || parts[1] == "00" && parts[5] != "" {
		return Context{}, false
	}
	var flags [1]byte
	for text, to := range map[string][]byte{parts[2]: c.TraceID[:], parts[3]: c.SpanID[:], parts[4]: flags[:]} {
		_, _ = hex.Decode(to, []byte(text)) // it matches
	}
	if c.TraceID == [16]byte{} || c.SpanID == [8]byte{} {
		return Context{}, false
	}
	c.Flags, c.State = flags[0]&knownFlags, cleanState(state)
	return c, true
}

const longestState = 512

// cleanState returns a state that can be passed on: it is printable ASCII and not too long.
func cleanState(state string) string {
	state = strings.TrimSpace(state)
	if len(state) > longestState || strings.ContainsFunc(state, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return state
}

// Root returns the place of the first span of a command. random are its IDs; that of the trace counts if there is no
// parent.
func Root(parent Context, random [24]byte) Context {
	c := parent
	if !c.IsSet() {
		copy(c.TraceID[:], random[:16])
		c.Flags = knownFlags
	}
	copy(c.SpanID[:], random[16:])
	return c
}

// IsSet reports whether c is a place in a trace.
func (c Context) IsSet() bool { return c.TraceID != [16]byte{} }

// Sampled reports whether the trace is recorded.
func (c Context) Sampled() bool { return c.Flags&sampled != 0 }

// ID returns the ID of the trace.
func (c Context) ID() string { return hex.EncodeToString(c.TraceID[:]) }

// Span returns the ID of the span.
func (c Context) Span() string { return hex.EncodeToString(c.SpanID[:]) }

// Environ returns the variables that make c the parent of what a program does.
func (c Context) Environ() []string {
	parent := "00-" + c.ID() + "-" + c.Span() + "-" + hex.EncodeToString([]byte{c.Flags})
	return []string{"TRACEPARENT=" + parent, "TRACESTATE=" + c.State}
}

// child returns the ID of a span below that of c. Spans of a kind have numbers.
func (c Context) child(kind string, number int) string {
	text := append(append(c.TraceID[:], c.SpanID[:]...), kind...)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(text, uint64(number))) //nolint:gosec // it is an index
	return hex.EncodeToString(sum[:8])
}
