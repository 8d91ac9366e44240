package erb

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// address is a URI.
type address struct{ *url.URL }

func quotedPattern(s string) string { return regexp.QuoteMeta(s) }

// addressFunctions are those of URI.
func addressFunctions() methods {
	decode := method{1, 1, func(c *call) any {
		s, err := url.QueryUnescape(c.text(0))
		if err != nil {
			c.raise("ArgumentError", "invalid %%-encoding")
		}
		return s
	}}
	return methods{
		"URI.parse": {1, 1, parseAddress},
		"URI.join": {2, 2, func(c *call) any {
			base := parseAddress(&call{f: c.f, at: c.at, args: c.args[:1]}).(*address)
			more := parseAddress(&call{f: c.f, at: c.at, args: c.args[1:]}).(*address)
			return &address{base.ResolveReference(more.URL)}
		}},
		"URI.encode_www_form_component": {1, 1, func(c *call) any {
			return strings.ReplaceAll(url.QueryEscape(c.f.in.toText(c.args[0], c.at)), "%2A", "*")
		}},
		"URI.decode_www_form_component": decode,
		"URI.encode_uri_component":      {1, 1, func(c *call) any { return urlEncode(c.text(0)) }},
		"URI.encode_www_form":           {1, 1, func(c *call) any { return query(&call{f: c.f, at: c.at, self: c.hashArg(0)}) }},
	}
}

func urlEncode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// query writes a hash as the query of a URI.
func query(c *call) string {
	var all []string
	for _, pair := range c.items() {
		p := pair.(*array).items
		all = append(all, url.QueryEscape(c.f.in.toText(p[0], c.at))+"="+url.QueryEscape(c.f.in.toText(p[1], c.at)))
	}
	return strings.Join(all, "&")
}

func parseAddress(c *call) any {
	if a, ok := c.args[0].(*address); ok {
		return a
	}
	if c.args[0] == nil {
		c.raise("URI::InvalidURIError", "bad URI (is not URI?): nil")
	}
	u, err := url.Parse(c.text(0))
	if err != nil {
		// The address may hold a password.
		c.raise("URI::InvalidURIError", "bad URI (is not URI?)")
	}
	return &address{u}
}

// defaultPorts are the ports that a URI has without saying so.
var defaultPorts = map[string]int{"http": 80, "https": 443, "ftp": 21, "ldap": 389, "ldaps": 636, "ws": 80, "wss": 443}

func (a *address) port() any {
	if n, err := strconv.Atoi(a.Port()); err == nil {
		return n
	}
	if n, found := defaultPorts[a.Scheme]; found {
		return n
	}
	return nil
}

// host has its brackets where it is an IPv6 address, as in the URI.
func (a *address) host() any {
	return textOrNil(strings.TrimSuffix(a.Host, ":"+a.Port()))
}

func addressMethods() methods {
	part := func(of func(a *address) any) method {
		return method{0, 0, func(c *call) any { return of(c.self.(*address)) }}
	}
	// user and password are as they are written, with what is escaped in them.
	userinfo := func(a *address) string {
		if a.User == nil {
			return ""
		}
		return a.User.String()
	}
	return methods{
		"scheme":   part(func(a *address) any { return textOrNil(a.Scheme) }),
		"host":     part((*address).host),
		"hostname": part(func(a *address) any { return textOrNil(a.Hostname()) }),
		"port":     part((*address).port),
		"path":     part(func(a *address) any { return a.EscapedPath() }),
		"query":    part(func(a *address) any { return textOrNil(a.RawQuery) }),
		"fragment": part(func(a *address) any { return textOrNil(a.Fragment) }),
		"opaque":   part(func(a *address) any { return textOrNil(a.Opaque) }),
		"userinfo": part(func(a *address) any { return textOrNil(userinfo(a)) }),
		"user": part(func(a *address) any {
			user, _, _ := strings.Cut(userinfo(a), ":")
			return textOrNil(user)
		}),
		"password": part(func(a *address) any {
			_, password, _ := strings.Cut(userinfo(a), ":")
			return textOrNil(password)
		}),
		"request_uri": part(func(a *address) any { return a.RequestURI() }),
		"origin":      part(func(a *address) any { return a.Scheme + "://" + a.Host }),
		"absolute?":   part(func(a *address) any { return a.IsAbs() }),
		"to_str":      part(func(a *address) any { return a.String() }),
	}
}
