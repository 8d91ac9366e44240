package erb

import "strings"

// objectMethods are the methods of all values.
func objectMethods() methods {
	return methods{
		"to_s":     {0, 0, func(c *call) any { return c.in.text(c.self, c.at) }},
		"inspect":  {0, 0, func(c *call) any { return c.in.inspect(c.self, c.at) }},
		"to_json":  {0, 0, func(c *call) any { return c.in.json(c.self, c.at) }},
		"nil?":     {0, 0, func(c *call) any { return c.self == nil }},
		"==":       {1, 1, func(c *call) any { return c.in.equal(c.at, c.self, c.args[0]) }},
		"blank?":   {0, 0, func(c *call) any { return blank(c.self) }},
		"present?": {0, 0, func(c *call) any { return !blank(c.self) }},
		"presence": {0, 0, func(c *call) any {
			if blank(c.self) {
				return nil
			}
			return c.self
		}},
	}
}

// blank is what Rails calls blank: nil, false, empty, or only white space.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return strings.TrimSpace(v) == ""
	case *list:
		return len(v.items) == 0
	case *hash:
		return len(v.keys) == 0
	}
	return false
}

func nilMethods() methods {
	return methods{
		"to_i": {0, 0, func(*call) any { return 0 }},
		"=~":   {1, 1, func(*call) any { return nil }},
	}
}

func exceptionMethods() methods {
	return methods{"message": {0, 0, func(c *call) any { return c.self.(*exception).message }}}
}

// functions are the methods without a receiver.
func functions() methods {
	m := methods{
		"require":          {1, 1, require},
		"require_relative": {1, 1, func(c *call) any { return c.loadError(c.text(0)) }},
		"Integer":          {1, 1, toInteger},
		"URI":              {1, 1, parseURI},
		"abort":            {1, 1, func(c *call) any { return c.throw(&exception{"SystemExit", c.text(0)}, c.text(0)) }},
	}
	m.add(method{1, 2, raiseException}, "raise")
	m.add(method{0, 20, say}, "puts", "warn")
	return m
}

// say shows the lines of puts and warn to the operator.
func say(c *call) any {
	for _, arg := range c.args {
		for _, one := range spread(arg) {
			for line := range strings.Lines(c.in.text(one, c.at)) {
				c.in.world.say(strings.TrimRight(line, "\r\n"))
			}
		}
	}
	return nil
}

// raiseException is raise with a message, a class, or both.
func raiseException(c *call) any {
	x := &exception{class: "RuntimeError"}
	switch first := c.args[0].(type) {
	case string:
		x.message = first
	case module:
		x.class, x.message = string(first), string(first)
	case *exception:
		x = first
	default:
		c.raise("TypeError", "exception class/object expected")
	}
	if len(c.args) == 2 {
		x.message = c.text(1)
	}
	return c.throw(x, strings.TrimSpace(x.shown()))
}

func (c *call) throw(x *exception, text string) any {
	panic(&failure{at: c.at, text: text, exception: x})
}

// libraries are part of Ruby or Kamal, or well-known gems. What they define is supported here, or is
// an error where it is used.
var libraries = map[string]bool{
	"active_support": true, "base64": true, "bundler": true, "cgi": true, "csv": true, "date": true, "digest": true, "dotenv": true,
	"erb": true, "etc": true, "fileutils": true, "ipaddr": true, "json": true, "kamal": true, "logger": true, "mrsk": true, "net": true,
	"open3": true, "openssl": true, "ostruct": true, "pathname": true, "pp": true, "psych": true, "rbconfig": true, "resolv": true,
	"rubygems": true, "securerandom": true, "set": true, "shellwords": true, "socket": true, "stringio": true, "tempfile": true,
	"time": true, "timeout": true, "tmpdir": true, "uri": true, "yaml": true, "zlib": true,
}

// require ignores known libraries, except those that load a dotenv file.
func require(c *call) any {
	name := strings.TrimSuffix(c.text(0), ".rb")
	first, _, _ := strings.Cut(name, "/")
	switch {
	case name == "dotenv/load" || name == "dotenv/autoload":
		(&call{in: c.in, at: c.at}).dotenv(false, false)
	case !libraries[first]:
		c.loadError(name)
	}
	return true
}

// loadError fails with an exception that can be rescued. Ruby may be able to load the file.
func (c *call) loadError(name string) any {
	x := &exception{"LoadError", "cannot load such file -- " + name}
	panic(&failure{at: c.at, text: x.shown(), advice: waysOut("require"), unsupported: true, exception: x})
}
