package erb

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

func dotenvMethods() methods {
	m := methods{
		"load":  {0, 20, func(c *call) any { return c.dotenv(false, false) }},
		"load!": {0, 20, func(c *call) any { return c.dotenv(true, false) }},
	}
	m.add(method{0, 20, func(c *call) any { return c.dotenv(false, true) }}, "overload", "overwrite")
	return m
}

// module returns the module or class that a constant names.
func (in *interp) module(at int, name string) any {
	_, isException := parents[name]
	_, isModule := in.methods["::"+name]
	if !isException && !isModule {
		x := &exception{"NameError", "uninitialized constant " + name}
		panic(&failure{at: at, text: x.shown(), advice: waysOut(name), unsupported: true, exception: x})
	}
	return module(name)
}

// environMethods are the methods of ENV.
func environMethods() methods {
	m := methods{
		"[]": {1, 1, func(c *call) any {
			if value, found := c.in.lookup(c.at, c.text(0)); found {
				return value
			}
			return nil
		}},
		"fetch": {1, 2, func(c *call) any {
			name := c.text(0)
			value, found := c.in.lookup(c.at, name)
			return c.fetched(value, found, "set "+name+" in the environment, or give fetch a default: ENV.fetch("+quote(name)+", …)")
		}},
		"[]=": {2, 2, func(c *call) any {
			name := c.text(0)
			if name == "" || strings.ContainsAny(name, "=\x00") {
				c.raise("ArgumentError", "bad environment variable name")
			}
			if c.args[1] == nil {
				unsupported(c.at, "", "removing a variable from ENV is not supported")
			}
			c.in.world.setenv(name, c.text(1))
			return c.args[1]
		}},
	}
	m.add(method{1, 1, func(c *call) any {
		_, found := c.in.lookup(c.at, c.text(0))
		return found
	}}, "key?", "has_key?", "include?")
	return m
}

// dotenv adds the variables of dotenv files to the environment. With must a missing file is an
// error. With overload variables that are set are replaced.
func (c *call) dotenv(must, overload bool) any {
	files := flatten(c, c.args, 0)
	if len(files) == 0 {
		files = []any{".env"}
	}
	out := newHash()
	for _, file := range files {
		for _, one := range c.dotenvFile(c.in.text(file, c.at), must) {
			name, value, _ := strings.Cut(one, "=")
			old, isSet := c.in.world.lookup(name)
			if isSet && !overload {
				value = old
			} else {
				c.in.world.setenv(name, value)
			}
			out.set(name, value)
		}
	}
	return out
}

func (c *call) dotenvFile(file string, must bool) []string {
	text, err := c.in.world.read(file)
	switch {
	case err != nil && must:
		c.fileError(file, err)
	case err != nil || c.in.world.Dotenv == nil:
		return nil
	}
	all, err := c.in.world.Dotenv(file, text)
	if err != nil {
		c.raise("Dotenv::FormatError", "%s", err)
	}
	return all
}

// dockerArch returns the architecture of the operator's Docker engine, as Docker names it in images.
func dockerArch(c *call) any {
	switch strings.TrimSpace(c.in.run(c.at, "docker info --format '{{.Architecture}}'")) {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	}
	return nil
}

func fileMethods() methods {
	return methods{
		"exist?":  {1, 1, func(c *call) any { return c.in.world.exists(c.text(0)) }},
		"read":    {1, 1, func(c *call) any { return c.read(c.text(0)) }},
		"dirname": {1, 1, func(c *call) any { return path.Dir(c.text(0)) }},
		"join":    {0, 20, joinPath},
		"expand_path": {1, 2, func(c *call) any {
			name := c.text(0)
			if len(c.args) == 2 && !path.IsAbs(name) && !strings.HasPrefix(name, "~") {
				name = path.Join(c.in.world.at(c.text(1)), name)
			}
			return c.in.world.at(name)
		}},
	}
}

var slashes = regexp.MustCompile("/+")

func joinPath(c *call) any {
	joined := join(&call{in: c.in, at: c.at, self: &list{c.args}, args: []any{"/"}}).(string)
	return slashes.ReplaceAllString(joined, "/")
}

// read returns the text of a file.
func (c *call) read(name string) string {
	text, err := c.in.world.read(name)
	if err != nil {
		c.fileError(name, err)
	}
	if len(text) > maxText {
		limit(c.at, "%s is larger than %d bytes", name, maxText)
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

func (c *call) fileError(name string, err error) {
	f := &failure{at: c.at, text: name + " cannot be read", exception: &exception{"Errno::EISDIR", "cannot be read: " + name}}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.text = "there is no file " + name
		f.advice = "paths begin at the working directory, " + c.in.world.Dir
		f.exception = &exception{"Errno::ENOENT", "No such file or directory @ rb_sysopen - " + name}
	case errors.Is(err, fs.ErrPermission):
		f.exception.class = "Errno::EACCES"
	}
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) && f.advice == "" {
		f.text += ": " + pathError.Err.Error()
	}
	panic(f)
}
