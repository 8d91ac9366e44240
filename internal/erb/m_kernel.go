package erb

import (
	"math"
	"strconv"
	"strings"
)

// functionTable are the functions that need no receiver.
func functionTable() methods {
	m := over(programFunctions(), valueFunctions())
	m.alias(m["format"], "sprintf")
	m.alias(method{0, -1, raising}, "raise", "fail")
	m.alias(method{0, -1, say}, "puts", "print", "warn", "pp")
	m.alias(method{0, -1, func(c *call) any {
		for _, arg := range c.args {
			c.f.in.world.say(c.f.in.inspect(arg, c.at))
		}
		return c.arg(0)
	}}, "p")
	return m
}

// programFunctions load libraries, run programs and end.
func programFunctions() methods {
	return methods{
		"require":          {1, 1, require},
		"require_relative": {1, 1, func(c *call) any { c.unknownLibrary(c.text(0)); return nil }},
		"system": {1, -1, func(c *call) any {
			line := c.commandLine(c.args)
			ran, err := c.f.in.world.run(line)
			if err != nil {
				return nil
			}
			c.f.in.status = ran.Status
			c.f.in.world.say(strings.TrimRight(ran.Stdout, "\n"))
			return ran.Status == 0
		}},
		"abort": {0, 1, func(c *call) any {
			if len(c.args) == 0 {
				raise(c.at, "SystemExit", "the template ends mrsk here")
			}
			panic(&failure{at: c.at, text: c.text(0), exception: &exception{"SystemExit", c.text(0)}})
		}},
		"exit": {0, 1, func(c *call) any {
			raise(c.at, "SystemExit", "the template ends mrsk here")
			return nil
		}},
	}
}

// valueFunctions make values.
func valueFunctions() methods {
	return methods{
		"format": {1, -1, func(c *call) any { return format(c, c.text(0), c.args[1:]) }},
		"loop": {0, 0, func(c *call) any {
			for {
				c.yield()
			}
		}},
		"method": {1, 1, func(c *call) any {
			name, _ := textOf(c.args[0])
			return &proc{strict: true, native: func(args []any) any { return c.f.function(c.at, name, args, nil) }}
		}},
		"lambda":  {0, 0, func(c *call) any { return c.made(true) }},
		"proc":    {0, 0, func(c *call) any { return c.made(false) }},
		"Integer": {1, 3, func(c *call) any { return parsed(c, strictInt) }},
		"Float":   {1, 2, func(c *call) any { return parsed(c, strictFloat) }},
		"String":  {1, 1, func(c *call) any { return c.f.in.toText(c.args[0], c.at) }},
		"Array":   {1, 1, func(c *call) any { return &array{spread(c.args[0])} }},
		"Hash": {1, 1, func(c *call) any {
			if c.args[0] == nil {
				return newHash()
			}
			return c.hashArg(0)
		}},
		"URI":      {1, 1, parseAddress},
		"Pathname": {1, 1, func(c *call) any { return c.text(0) }},
		"freeze":   {0, 0, func(*call) any { return module("self") }},
	}
}

// made is the block as a value.
func (c *call) made(strict bool) any {
	if c.block == nil {
		beyond(c.at, "%s is not understood without a block", c.name)
	}
	b := *c.block
	b.strict = strict
	return &b
}

// say shows what puts and its like print.
func say(c *call) any {
	for _, arg := range flattened(c, c.args, maxWritten, 0) {
		for line := range strings.Lines(c.f.in.toText(arg, c.at)) {
			c.f.in.world.say(strings.TrimRight(line, "\r\n"))
		}
	}
	return nil
}

// libraries are those whose names here are known without loading anything. What is below one of
// them, such as active_support/all, is known as well.
var libraries = map[string]bool{
	"active_support": true, "base64": true, "benchmark": true, "bigdecimal": true, "bundler": true, "cgi": true,
	"csv": true, "date": true, "digest": true, "dotenv": true, "erb": true, "etc": true, "fileutils": true,
	"forwardable": true, "ipaddr": true, "json": true, "kamal": true, "logger": true, "mrsk": true, "net": true,
	"open3": true, "openssl": true, "optparse": true, "ostruct": true, "pathname": true, "pp": true, "psych": true,
	"rbconfig": true, "resolv": true, "ruby": true, "rubygems": true, "securerandom": true, "set": true, "shellwords": true,
	"singleton": true, "socket": true, "stringio": true, "strscan": true, "tempfile": true, "time": true,
	"timeout": true, "tmpdir": true, "uri": true, "yaml": true, "zlib": true,
}

// require does nothing for libraries that are known; some of them do something when they are
// loaded.
func require(c *call) any {
	name := strings.TrimSuffix(c.text(0), ".rb")
	first, _, _ := strings.Cut(name, "/")
	switch {
	case name == "dotenv/load" || name == "dotenv/autoload":
		dotenv(false, false).do(&call{f: c.f, at: c.at, name: name})
	case !libraries[first]:
		c.unknownLibrary(name)
	}
	return true
}

// unknownLibrary fails in a way that Ruby may know better about, and that a template can rescue.
func (c *call) unknownLibrary(name string) {
	x := &exception{"LoadError", "cannot load such file -- " + name}
	panic(&failure{at: c.at, text: x.shown(), advice: beyondAdvice, beyond: true, exception: x})
}

// run is a command in backticks: its output, whatever its status is.
func (in *interp) run(at int, line string) string {
	in.step(at)
	ran, err := in.world.run(line)
	if err != nil {
		panic(&failure{at: at, text: "a command could not be run: " + err.Error()})
	}
	in.status = ran.Status
	if ran.Status == 127 && !strings.ContainsAny(line, "|&;<>()$`\\\"'*?[#~=%\n{}!") {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		raise(at, "Errno::ENOENT", "No such file or directory - %s", name)
	}
	return strings.ToValidUTF8(ran.Stdout, "\uFFFD")
}

// commandLine is the line of a command: one text is a line, more are its words.
func (c *call) commandLine(args []any) string {
	var words []string
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			words = append(words, v)
		case *hash:
			beyond(c.at, "%s is not understood with more than a command", c.name)
		default:
			c.noConversion(arg, "String")
		}
	}
	if len(words) == 1 {
		return words[0]
	}
	for i, word := range words {
		words[i] = shellEscape(word)
	}
	return strings.Join(words, " ")
}

// parsed is a number of the whole of a text; with exception: false, nil where it is none.
func parsed(c *call, read func(c *call, v any) (any, bool)) any {
	v, ok := read(c, c.args[0])
	switch {
	case ok:
		return v
	case c.option("exception") == false:
		return nil
	case c.args[0] == nil:
		c.raise("TypeError", "can't convert nil into %s", c.name)
	}
	c.raise("ArgumentError", "invalid value for %s()", c.name)
	return nil
}

func strictInt(c *call, v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		return c.whole(math.Trunc(v)), true
	case string:
		base := 0
		if b, ok := c.arg(1).(int); ok && b >= 2 && b <= 36 {
			base, v = b, strings.TrimPrefix(v, "0x")
		}
		n, err := strconv.ParseInt(strings.TrimSpace(v), base, 64)
		return int(n), err == nil
	}
	return nil, false
}

func strictFloat(_ *call, v any) (any, bool) {
	if n, ok := toFloat(v); ok {
		return n, true
	}
	s, _ := v.(string)
	n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(s), "_", ""), 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

// toInt is a value as an integer, as formats want it.
func (c *call) toInt(v any) int {
	n, ok := strictInt(c, v)
	if !ok {
		c.raise("ArgumentError", "invalid value for Integer()")
	}
	return n.(int)
}

func (c *call) toFloat(v any) float64 {
	n, ok := strictFloat(c, v)
	if !ok {
		c.raise("ArgumentError", "invalid value for Float()")
	}
	return n.(float64)
}
