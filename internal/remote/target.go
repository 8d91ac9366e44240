package remote

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Target is the name of a host, split into its parts.
type Target struct {
	Name string // as in the configuration
	User string // "" if the name has none
	Host string // a host name, an alias of the SSH configuration, or an IP address without brackets
	Port int    // 0 if the name has none
}

// ParseTarget parses [user@]host[:port]. An IPv6 address may be in brackets, and must be if a port
// follows. The error says what is wrong with the name.
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
	if !strings.HasPrefix(host, "$") { // a variable that has no value; Dial reports it
		err = errors.Join(checkHost(host), checkUser(t.User))
	}
	if err != nil {
		return Target{}, fmt.Errorf("host %q: %w", name, err)
	}
	return t, nil
}

// shellCharacters are special in a shell, which runs proxy commands. OpenSSH refuses them in names on its
// command line; here they are refused in all names.
const shellCharacters = "'\"`$;&<>|(){}"

// checkHost returns an error if name cannot be a host name or an address.
func checkHost(name string) error {
	odd := strings.IndexFunc(name, func(r rune) bool {
		return strings.ContainsRune(shellCharacters+`\`, r) || unicode.IsSpace(r) || unicode.IsControl(r)
	})
	if name == "" || name[0] == '-' || odd >= 0 {
		return fmt.Errorf("%q is not a host name", name)
	}
	return nil
}

// checkUser returns an error for a user name that ssh refuses. "" is the default user, and allowed.
func checkUser(name string) error {
	odd := strings.IndexFunc(name, func(r rune) bool {
		return strings.ContainsRune(shellCharacters, r) || unicode.IsControl(r)
	})
	if strings.HasPrefix(name, "-") || strings.Contains(name, " -") || strings.HasSuffix(name, `\`) || odd >= 0 {
		return fmt.Errorf("%q is not a user name", name)
	}
	return nil
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
