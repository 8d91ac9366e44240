package erb

import (
	"fmt"
	"slices"
	"strings"
)

// environ is the environment as a hash.
func (in *interp) environ() *hash {
	h := newHash()
	for _, one := range in.world.environ() {
		name, value, _ := strings.Cut(one, "=")
		h.set(name, value)
	}
	return h
}

// environMethods are those of ENV. What changes nothing is asked of it as a hash.
func environMethods() methods {
	m := methods{}
	asHash := func(name string) method {
		return method{0, -1, func(c *call) any {
			return c.f.call(c.at, c.f.in.environ(), name, c.args, c.block)
		}}
	}
	for _, table := range []methods{hashMethods(), listMethods(), objectMethods()} {
		for name := range table {
			m[name] = asHash(name)
		}
	}
	for _, name := range []string{"delete", "update", "merge!", "default=", "clear", "send", "public_send", "__send__"} {
		delete(m, name)
	}
	m["[]"] = method{1, 1, func(c *call) any {
		if v, found := c.variable(); found {
			return v
		}
		return nil
	}}
	m["fetch"] = method{1, 2, func(c *call) any {
		v, found := c.variable()
		if !found && c.block == nil && len(c.args) == 1 {
			name := c.text(0)
			return c.missingKey(name, fmt.Sprintf("set %s in the environment, or give fetch a default: ENV.fetch(%q, …)", name, name))
		}
		return c.fetched(v, found)
	}}
	m.alias(method{2, 2, func(c *call) any {
		if c.args[1] == nil {
			beyond(c.at, "taking a variable out of ENV is not understood")
		}
		name := c.text(0)
		if name == "" || strings.ContainsAny(name, "=\x00") {
			c.raise("ArgumentError", "bad environment variable name")
		}
		c.f.in.world.setenv(name, c.text(1))
		return c.args[1]
	}}, "[]=", "store")
	m.alias(method{1, 1, func(c *call) any {
		_, found := c.variable()
		return found
	}}, "key?", "has_key?", "include?", "member?")
	m["to_s"] = method{0, 0, func(*call) any { return "ENV" }}
	return m
}

func (c *call) variable() (any, bool) {
	name := c.text(0)
	value, found := c.f.in.world.lookup(name)
	if len(c.f.in.asked) < maxRead {
		c.f.in.asked = append(c.f.in.asked, readVariable{c.at, Variable{name, value == ""}})
	}
	return value, found
}

// Variable is one of the environment that a template asks for; Empty says that it is not set, or empty.
type Variable struct {
	Name  string
	Empty bool
}

type readVariable struct {
	at int
	Variable
}

// maxRead bounds what is kept of a template that asks in a loop.
const maxRead = 1000

func (in *interp) variables(template string) map[int][]Variable {
	lines := map[int][]Variable{}
	for _, r := range in.asked {
		line, _ := place(template, r.at)
		if !slices.Contains(lines[line], r.Variable) {
			lines[line] = append(lines[line], r.Variable)
		}
	}
	return lines
}

// dotenv is Dotenv.load and its like: what files say goes into the environment. overload
// replaces what is there already; with must, a file has to be there.
func dotenv(must, overload bool) method {
	return method{0, -1, func(c *call) any {
		out := newHash()
		for _, file := range dotenvFiles(c) {
			for _, one := range c.f.in.dotenvFile(c.at, file, must) {
				name, value, _ := strings.Cut(one, "=")
				old, found := c.f.in.world.lookup(name)
				if found && !overload {
					value = old
				} else {
					c.f.in.world.setenv(name, value)
				}
				out.set(name, value)
			}
		}
		return out
	}}
}

func dotenvFiles(c *call) []string {
	args := flattened(c, c.args, maxWritten, 0)
	args = slices.DeleteFunc(args, func(v any) bool { _, isHash := v.(*hash); return isHash || v == nil })
	if len(args) == 0 {
		return []string{".env"}
	}
	files := make([]string, len(args))
	for i, arg := range args {
		files[i] = c.f.in.toText(arg, c.at)
	}
	return files
}

func (in *interp) dotenvFile(at int, file string, must bool) []string {
	text, err := in.world.read(file)
	if err != nil {
		if must {
			in.raiseFile(at, file, err)
		}
		return nil
	}
	if in.world.Dotenv == nil {
		return nil
	}
	all, err := in.world.Dotenv(file, text)
	if err != nil {
		raise(at, "Dotenv::FormatError", "%s", err)
	}
	return all
}
