package erb

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// fileFunctions are File, Dir, IO and Pathname. A Pathname is a text here.
func fileFunctions() methods {
	m := methods{}
	exists := func(is func(fs.FileInfo) bool) method {
		return method{1, 1, func(c *call) any {
			info, found := c.f.in.world.stat(c.text(0))
			return found && is(info)
		}}
	}
	isDir := exists(func(i fs.FileInfo) bool { return i.IsDir() })
	anyFile := exists(func(fs.FileInfo) bool { return true })
	for _, class := range []string{"File", "Pathname", "IO"} {
		m.alias(method{1, 2, func(c *call) any { return c.read() }}, class+".read", class+".binread")
		m.alias(method{1, 2, func(c *call) any { return lines(c, c.read()) }}, class+".readlines")
		m.alias(method{1, 1, func(c *call) any { return c.eachOf(lines(c, c.read()).items) }}, class+".foreach")
	}
	m.alias(anyFile, "File.exist?", "File.exists?", "File.readable?")
	m.alias(isDir, "File.directory?", "Dir.exist?", "Dir.exists?")
	m.alias(exists(func(i fs.FileInfo) bool { return !i.IsDir() }), "File.file?")
	m.alias(exists(func(i fs.FileInfo) bool { return i.Size() == 0 }), "File.zero?", "File.empty?")
	m.alias(method{0, -1, joinPath}, "File.join")
	m.alias(method{1, 2, openFile}, "File.open", "File.new")
	m.alias(method{1, 2, func(c *call) any { return expandPath(c) }}, "File.expand_path", "File.absolute_path", "File.realpath")
	m.alias(method{1, 1, func(c *call) any { return path.Dir(c.text(0)) }}, "File.dirname")
	m.alias(method{1, 1, func(c *call) any { return path.Ext(c.text(0)) }}, "File.extname")
	m.alias(method{1, 2, baseName}, "File.basename")
	m.alias(method{0, 0, func(c *call) any { return c.f.in.world.Dir }}, "Dir.pwd", "Dir.getwd")
	m.alias(method{0, 0, func(c *call) any { return c.f.in.world.Home }}, "Dir.home")
	return m
}

func (c *call) read() string { return c.f.in.read(c.at, c.text(0)) }

// read is the text of a file, which must be there.
func (in *interp) read(at int, name string) string {
	text, err := in.world.read(name)
	if err != nil {
		in.raiseFile(at, name, err)
	}
	if len(text) > maxText {
		limit(at, "%s is larger than %d bytes", name, maxText)
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return text
}

func (in *interp) raiseFile(at int, name string, err error) {
	x := &exception{"Errno::EACCES", "cannot be read: " + name}
	advice := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x = &exception{"Errno::ENOENT", "No such file or directory @ rb_sysopen - " + name}
		advice = "paths begin at the working directory, " + in.world.Dir
	case !errors.Is(err, fs.ErrPermission):
		x = &exception{"Errno::EISDIR", "cannot be read: " + name}
	}
	text := name + " cannot be read"
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		text += ": " + pathError.Err.Error()
	}
	if x.class == "Errno::ENOENT" {
		text = "there is no file " + name
	}
	panic(&failure{at: at, text: text, advice: advice, exception: x})
}

// openFile reads at once what is opened for reading.
func openFile(c *call) any {
	if mode, ok := c.arg(1).(string); ok && !strings.HasPrefix(mode, "r") || strings.Contains(mode, "+") {
		beyond(c.at, "writing a file is not understood")
	}
	f := file{c.read()}
	if c.block != nil {
		return c.yield(f)
	}
	return f
}

func fileMethods() methods {
	return methods{
		"read":      {0, 0, func(c *call) any { return c.self.(file).text }},
		"readlines": {0, 1, func(c *call) any { return lines(c, c.self.(file).text) }},
		"each_line": {0, 1, func(c *call) any { return c.eachOf(lines(c, c.self.(file).text).items) }},
		"gets":      {0, 0, func(c *call) any { return nth(lines(c, c.self.(file).text).items, 0) }},
		"close":     {0, 0, func(*call) any { return nil }},
	}
}

func joinPath(c *call) any {
	var all []string
	for _, arg := range flattened(c, c.args, maxWritten, 0) {
		s, ok := arg.(string)
		if !ok {
			c.noConversion(arg, "String")
		}
		all = append(all, s)
	}
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			s = "/" + strings.TrimLeft(s, "/")
		}
		if i < len(all)-1 {
			s = strings.TrimRight(s, "/")
		}
		b.WriteString(s)
	}
	return b.String()
}

func expandPath(c *call) string {
	name := c.text(0)
	if len(c.args) == 2 && c.args[1] != nil && !path.IsAbs(name) && !strings.HasPrefix(name, "~") {
		name = path.Join(c.f.in.world.at(c.text(1)), name)
	}
	return c.f.in.world.at(name)
}

func baseName(c *call) any {
	base := path.Base(c.text(0))
	if len(c.args) == 2 {
		if suffix := c.text(1); suffix == ".*" {
			base = strings.TrimSuffix(base, path.Ext(base))
		} else if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
	}
	return base
}
