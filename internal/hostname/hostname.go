// Package hostname splits the names of hosts and compares them.
package hostname

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// SSHPort is the port of an SSH server if nothing names another.
const SSHPort = 22

// Name is the name of a host, split into its parts.
type Name struct {
	User string // "" if the name has none
	Host string // a host name, an alias of the SSH configuration, or an IP address without brackets
	Port int    // 0 if the name has none
}

// Machine is a host without the user who logs in. Equal machines are the same host, whatever the
// SSH configuration says about aliases.
type Machine struct {
	Host string
	Port int // 0 if it is not known
}

// Split splits [user@]host[:port]. An IPv6 address may be in brackets, and must be if a port follows.
// The error says what is wrong with the name.
func Split(name string) (Name, error) {
	var n Name
	rest := name
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		n.User, rest = rest[:at], rest[at+1:]
	}
	var err error
	n.Host, n.Port, err = splitPort(rest)
	if err != nil {
		return Name{}, fmt.Errorf("host %q: %w", name, err)
	}
	return n, nil
}

func splitPort(text string) (host string, port int, err error) {
	digits := ""
	switch inner, after, closed := strings.Cut(strings.TrimPrefix(text, "["), "]"); {
	case strings.HasPrefix(text, "[") && !closed:
		return "", 0, errors.New("no ] after the address")
	case strings.HasPrefix(text, "["):
		host, digits = inner, after
	case strings.Count(text, ":") == 1:
		at := strings.IndexByte(text, ':')
		host, digits = text[:at], text[at:]
	default:
		host = text
	}
	if host == "" || strings.HasPrefix(host, "-") {
		return "", 0, errors.New("is not a host name")
	}
	if digits == "" {
		return host, 0, nil
	}
	port, err = strconv.Atoi(strings.TrimPrefix(digits, ":"))
	if err != nil || digits[0] != ':' || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%q is not a port", strings.TrimPrefix(digits, ":"))
	}
	return host, port, nil
}

// Machine returns the host that n names. usualPort is the port for names without one, 0 is SSHPort.
func (n Name) Machine(usualPort int) Machine {
	port := SSHPort
	for _, p := range []int{usualPort, n.Port} {
		if p != 0 {
			port = p
		}
	}
	return Machine{Normal(n.Host), port}
}

// Normal returns the one spelling of a host name or an address without user and port: lower case and
// without dots at its end, or the address in its shortest form.
func Normal(host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().String()
	}
	return strings.TrimRight(strings.ToLower(host), ".")
}

// examples are the addresses for documentation, which no host has: RFC 5737, RFC 3849 and RFC 9637.
var examples = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
}

// IsExample reports whether a host is an address for documentation. Any user and port do not matter.
func IsExample(host string) bool {
	name, err := Split(host)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(name.Host)
	return err == nil && slices.ContainsFunc(examples, func(p netip.Prefix) bool { return p.Contains(address) })
}
