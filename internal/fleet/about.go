package fleet

import "slices"

// About reports whether a host is among those that failed.
func (e *Error) About(host string) bool {
	return slices.ContainsFunc(e.Hosts, func(h HostError) bool { return h.Host == host })
}
