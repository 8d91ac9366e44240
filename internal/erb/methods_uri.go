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

// uriMethods are the parts of a URI. User and password keep their escapes.
func uriMethods() methods {
	m := methods{}
	for name, part := range map[string]func(*uri) string{
		"scheme":   func(u *uri) string { return u.Scheme },
		"host":     func(u *uri) string { return strings.TrimSuffix(u.Host, ":"+u.Port()) },
		"query":    func(u *uri) string { return u.RawQuery },
		"user":     func(u *uri) string { return u.userinfo(0) },
		"password": func(u *uri) string { return u.userinfo(1) },
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

func (u *uri) userinfo(part int) string {
	if u.User == nil {
		return ""
	}
	user, password, _ := strings.Cut(u.User.String(), ":")
	return []string{user, password}[part]
}
