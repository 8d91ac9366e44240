package remote

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"mrsk/internal/hostname"
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
	n, err := hostname.Split(name)
	if err != nil {
		return Target{}, err
	}
	t := Target{Name: name, User: n.User, Host: n.Host, Port: n.Port}
	if !strings.HasPrefix(t.Host, "$") { // a variable that has no value; Dial reports it
		err = errors.Join(checkHost(t.Host), checkUser(t.User))
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
