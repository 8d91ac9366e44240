package remote

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tokens expands %-tokens, variables and ~ in paths of the SSH configuration.
type tokens struct {
	local Local
	alias string // %n: the host as it was named
	host  string // %h
	port  int    // %p
	user  string // %r
	known string // %k
}

func (l login) tokens(local Local) tokens {
	t := tokens{local: local, alias: l.target.Host, host: l.host, port: l.port, user: l.user, known: l.target.Host}
	if alias := l.conf.name("hostkeyalias"); alias != "" {
		t.known = alias
	}
	return t
}

// value returns the value of the token %c.
func (t tokens) value(c byte) (string, bool) {
	switch c {
	case '%':
		return "%", true
	case 'h':
		return t.host, true
	case 'n':
		return t.alias, true
	case 'k':
		return t.known, true
	case 'p':
		return strconv.Itoa(t.port), true
	case 'r':
		return t.user, true
	case 'u':
		return t.local.User, true
	case 'd':
		return t.local.Home, true
	case 'i':
		return strconv.Itoa(os.Getuid()), true
	}
	return "", false
}

// percent expands %-tokens. An unknown token is an error: ignoring it could name another file.
func (t tokens) percent(text string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		i++
		if i == len(text) {
			return "", fmt.Errorf("%q ends with %%", text)
		}
		value, ok := t.value(text[i])
		if !ok {
			return "", fmt.Errorf("%%%c in %q is not supported", text[i], text)
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

// path expands a leading ~, ${VARIABLES} and %-tokens of a path.
func (t tokens) path(text string) (string, error) {
	if text == "~" {
		text = "~/"
	}
	switch rest, home := strings.CutPrefix(text, "~/"); {
	case home && t.local.Home == "":
		return "", fmt.Errorf("%q needs a home", text)
	case home:
		expanded, err := t.expand(rest)
		return filepath.Join(t.local.Home, expanded), err
	case strings.HasPrefix(text, "~"):
		return "", fmt.Errorf("the home in %q is not supported: write the whole path", text)
	}
	return t.expand(text)
}

func (t tokens) expand(text string) (string, error) {
	text, err := t.variables(text)
	if err != nil {
		return "", err
	}
	return t.percent(text)
}

// variables expands ${NAME}. As in OpenSSH, a variable that is not set is an error.
func (t tokens) variables(text string) (string, error) {
	before, rest, ok := strings.Cut(text, "${")
	if !ok {
		return text, nil
	}
	name, after, ok := strings.Cut(rest, "}")
	if !ok {
		return "", fmt.Errorf("no } in %q", text)
	}
	value, err := t.variable(name)
	if err != nil {
		return "", err
	}
	after, err = t.variables(after)
	return before + strings.ReplaceAll(value, "%", "%%") + after, err
}

func (t tokens) variable(name string) (string, error) {
	if t.local.Getenv != nil {
		if value := t.local.Getenv(name); value != "" {
			return value, nil
		}
	}
	return "", fmt.Errorf("the variable %s is not set", name)
}
