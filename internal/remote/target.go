package remote

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Target names a host to log in on.
type Target struct {
	Name string // as the configuration has it
	User string // "" when the name has none
	Host string // a name, an alias of the ssh configuration, or an address without brackets
	Port int    // 0 when the name has none
}

// ParseTarget reads [user@]host[:port], as the configuration writes hosts. IPv6 addresses may
// stand alone or, with a port, in brackets.
func ParseTarget(name string) (Target, error) {
	t := Target{Name: name}
	rest := name
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		t.User, rest = rest[:at], rest[at+1:]
	}
	host, port, err := splitPort(rest)
	if err != nil {
		return Target{}, fmt.Errorf("host %q: %w", name, err)
	}
	t.Host, t.Port = host, port
	return t, nil
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
