package fleet

import (
	"errors"
	"strings"
)

// Error is work that failed on some of its hosts.
type Error struct {
	Hosts []HostError // in the order of the configuration, each host once
}

// HostError is what failed on one host.
type HostError struct {
	Host string
	Err  error
}

func (e *HostError) Error() string { return e.Host + ": " + e.Err.Error() }

// Unwrap returns what failed.
func (e *HostError) Unwrap() error { return e.Err }

// Group is hosts on which the same failed.
type Group struct {
	Hosts []string
	Err   error // that of the first of them
}

func (g Group) String() string { return strings.Join(g.Hosts, ", ") + ": " + g.Err.Error() }

// Error tells each failure in a line of its own, after the hosts that it befell.
func (e *Error) Error() string {
	var lines []string
	for _, g := range e.Groups() {
		lines = append(lines, g.String())
	}
	return strings.Join(lines, "\n")
}

// Groups folds the hosts whose failures read the same.
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

// Hint is that of the failures, if all that have one have the same.
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
