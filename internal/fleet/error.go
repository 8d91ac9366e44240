package fleet

import (
	"errors"
	"slices"
	"strings"
)

// Error reports work that failed on one or more hosts.
type Error struct {
	Hosts []HostError // in the order of the configuration, each host once
}

// HostError reports what failed on one host.
type HostError struct {
	Host string
	Err  error
}

func (e *HostError) Error() string { return e.Host + ": " + e.Err.Error() }

// Unwrap returns what failed.
func (e *HostError) Unwrap() error { return e.Err }

// HostName returns the host on which it failed.
func (e *HostError) HostName() string { return e.Host }

// Group is a set of hosts with the same error.
type Group struct {
	Hosts []string
	Err   error // of the first host
}

func (g Group) String() string { return strings.Join(g.Hosts, ", ") + ": " + g.Err.Error() }

// Error returns one line per failure, with its hosts.
func (e *Error) Error() string {
	var lines []string
	for _, g := range e.Groups() {
		lines = append(lines, g.String())
	}
	return strings.Join(lines, "\n")
}

// Groups groups the hosts by the text of their errors.
func (e *Error) Groups() []Group {
	var out []Group
	at := map[string]int{}
	for _, h := range e.Hosts {
		i, seen := at[h.Err.Error()]
		if !seen {
			i = len(out)
			at[h.Err.Error()] = i
			out = append(out, Group{Err: h.Err})
		}
		out[i].Hosts = append(out[i].Hosts, h.Host)
	}
	return out
}

// Unwrap returns the failures as *HostError, in order.
func (e *Error) Unwrap() []error {
	out := make([]error, len(e.Hosts))
	for i := range e.Hosts {
		out[i] = &e.Hosts[i]
	}
	return out
}

// Hint returns the hint of the failures, if all hints are the same.
func (e *Error) Hint() string {
	hint := ""
	for _, h := range e.Hosts {
		var hinted interface{ Hint() string }
		if !errors.As(h.Err, &hinted) || hinted.Hint() == "" {
			continue
		}
		if hint != "" && hint != hinted.Hint() {
			return ""
		}
		hint = hinted.Hint()
	}
	return hint
}

// About reports whether the host failed.
func (e *Error) About(host string) bool {
	return slices.ContainsFunc(e.Hosts, func(h HostError) bool { return h.Host == host })
}
