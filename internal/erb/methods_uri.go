package erb

import (
	"net/url"
	"strconv"
	"strings"
)

func parseURI(c *call) any {
	text, _ := c.args[0].(string)
	u, err := url.Parse(text)
	if err != nil || c.args[0] == nil {
		c.raise("URI::InvalidURIError", "bad URI (is not URI?)") // the address may hold a password
	}
	return &uri{u}
}

// uriMethods are parts of a URI.
func uriMethods() methods {
	m := methods{}
	for name, part := range map[string]func(*uri) string{
		"scheme": func(u *uri) string { return u.Scheme },
		"host":   func(u *uri) string { return strings.TrimSuffix(u.Host, ":"+u.Port()) },
	} {
		m[name] = method{0, 0, func(c *call) any {
			if s := part(c.self.(*uri)); s != "" {
				return s
			}
			return nil
		}}
	}
	m["path"] = method{0, 0, func(c *call) any { return c.self.(*uri).EscapedPath() }}
	m["port"] = method{0, 0, func(c *call) any { return c.self.(*uri).port() }}
	return m
}

func (u *uri) port() any {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if n, known := map[string]int{"http": 80, "https": 443, "ws": 80, "wss": 443}[u.Scheme]; known {
		return n
	}
	return nil
}
