package erb

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"net/url"
	"strings"
)

// constantTable are the constants that are no modules.
var constantTable = map[string]any{
	"Float::INFINITY": math.Inf(1), "Float::NAN": math.NaN(), "File::SEPARATOR": "/", "Math::PI": math.Pi,
	"Integer::MAX": math.MaxInt,
}

// bareModules are the modules of which values are, or which hold others, and no function here.
var bareModules = []string{
	"ENV", "Integer", "Float", "Array", "Hash", "Set", "Date", "DateTime", "Time", "Module", "Class", "MatchData",
	"String", "Symbol", "Numeric", "NilClass", "TrueClass", "FalseClass", "Object", "Kernel", "Proc", "Range",
	"Comparable", "Enumerable", "Kamal", "Mrsk", "MRSK", "Errno", "ERB", "Psych",
}

// moduleFunctions are the functions of modules, by module and name.
func moduleFunctions() methods {
	return over(fileFunctions(), dataFunctions(), timeFunctions(), addressFunctions(), systemFunctions(), makers())
}

// systemFunctions ask the machine.
func systemFunctions() methods {
	arch := method{0, 0, dockerArch}
	m := methods{
		"Kamal::Utils.docker_arch": arch, "Mrsk::Utils.docker_arch": arch, "MRSK::Utils.docker_arch": arch,
		"Kamal::Git.revision":  {0, 0, func(c *call) any { return strip(c.f.in.run(c.at, "git rev-parse HEAD")) }},
		"Kamal::Git.user_name": {0, 0, func(c *call) any { return strip(c.f.in.run(c.at, "git config user.name")) }},
		"Kamal::Git.email":     {0, 0, func(c *call) any { return strip(c.f.in.run(c.at, "git config user.email")) }},
		"Etc.getlogin":         {0, 0, func(c *call) any { return textOrNil(asked(c.f.in.world.User)) }},
		"Socket.gethostname":   {0, 0, func(c *call) any { return asked(c.f.in.world.Hostname) }},
		"Open3.capture2":       {1, -1, func(c *call) any { return c.captured(false, false) }},
		"Open3.capture2e":      {1, -1, func(c *call) any { return c.captured(false, true) }},
		"Open3.capture3":       {1, -1, func(c *call) any { return c.captured(true, false) }},
		"Dotenv.load":          dotenv(false, false),
		"Dotenv.load!":         dotenv(true, false),
		"Dotenv.overload":      dotenv(false, true),
		"Dotenv.overload!":     dotenv(true, true),
		"Dotenv.overwrite":     dotenv(false, true),
		"Dotenv.parse": {0, -1, func(c *call) any {
			out := newHash()
			for _, file := range dotenvFiles(c) {
				for _, one := range c.f.in.dotenvFile(c.at, file, false) {
					name, value, _ := strings.Cut(one, "=")
					out.set(name, value)
				}
			}
			return out
		}},
		"Math.sqrt":        {1, 1, func(c *call) any { return math.Sqrt(c.number()) }},
		"Gem::Version.new": {1, 1, func(c *call) any { return c.text(0) }},
	}
	for _, to := range []string{"$stdout", "$stderr", "STDOUT", "STDERR"} {
		for _, name := range []string{"puts", "print", "write", "printf"} {
			m[to+"."+name] = method{0, -1, say}
		}
		m[to+".flush"] = method{0, 0, func(*call) any { return nil }}
		m[to+".sync="] = method{1, 1, func(*call) any { return nil }}
	}
	for name, what := range functionTable() {
		m["Kernel."+name] = what
	}
	return m
}

func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// dockerArch is the architecture of the operator's Docker, as images name it.
func dockerArch(c *call) any {
	arch := strip(c.f.in.run(c.at, "docker info --format '{{.Architecture}}'"))
	switch {
	case strings.Contains(arch, "aarch64"):
		return "arm64"
	case strings.Contains(arch, "x86_64"):
		return "amd64"
	}
	return nil
}

// captured runs a command for Open3: its output, its errors if they are asked for, its status.
func (c *call) captured(errors, together bool) any {
	line := c.commandLine(c.args)
	if together {
		line = "{ " + line + "\n} 2>&1"
	}
	ran, err := c.f.in.world.run(line)
	if err != nil {
		panic(&failure{at: c.at, text: "a command could not be run: " + err.Error()})
	}
	c.f.in.status = ran.Status
	out := []any{ran.Stdout}
	if errors {
		out = append(out, ran.Stderr)
	}
	return &array{append(out, &ended{ran.Status})}
}

// makers are the functions that make values of standard types.
func makers() methods {
	m := over(containerMakers(), codecs())
	for class := range parents {
		m[class+".new"] = method{0, 1, func(c *call) any {
			s, ok := c.arg(0).(string)
			if !ok {
				s = class
			}
			return &exception{class, s}
		}}
	}
	m["Exception.new"] = m["StandardError.new"]
	return m
}

// containerMakers make lists, hashes, texts, patterns and procs.
func containerMakers() methods {
	return methods{
		"Array.new": {0, 2, newArray},
		"Array.wrap": {1, 1, func(c *call) any {
			if _, isHash := c.args[0].(*hash); isHash {
				return &array{c.args}
			}
			return &array{spread(c.args[0])}
		}},
		"Array.[]":      {0, -1, func(c *call) any { return &array{c.args} }},
		"Set.new":       {0, 1, func(c *call) any { return &array{c.unique(spread(c.arg(0)), nil)} }},
		"Set.[]":        {0, -1, func(c *call) any { return &array{c.unique(c.args, nil)} }},
		"Hash.new":      {0, 1, newDefaultHash},
		"Hash.[]":       {1, 1, func(c *call) any { return listToHash(&call{f: c.f, at: c.at, self: &array{spread(c.args[0])}}) }},
		"String.new":    {0, 2, func(c *call) any { s, _ := c.arg(0).(string); return s }},
		"Regexp.new":    {1, 2, func(c *call) any { return c.patternOf(c.args[0]) }},
		"Regexp.escape": {1, 1, func(c *call) any { return c.quoted() }},
		"Regexp.union": {0, -1, func(c *call) any {
			var all []string
			for _, arg := range flattened(c, c.args, 1, 0) {
				all = append(all, c.patternOf(arg).source)
			}
			return compile(c.at, strings.Join(all, "|"), "")
		}},
		"Regexp.last_match": {0, 1, func(c *call) any {
			if len(c.args) == 0 {
				return matchOrNil(c.f.in.matched)
			}
			return c.f.in.matched.group(c.int(0))
		}},
		"Proc.new": {0, 0, func(c *call) any { return c.made(false) }},
	}
}

// codecs write data in another form.
func codecs() methods {
	digest := func(sum func([]byte) []byte) method {
		return method{1, 1, func(c *call) any { return hex.EncodeToString(sum([]byte(c.text(0)))) }}
	}
	encode := func(with *base64.Encoding) method {
		return method{1, 2, func(c *call) any { return with.EncodeToString([]byte(c.text(0))) }}
	}
	decode := func(with *base64.Encoding) method {
		return method{1, 1, func(c *call) any {
			data, err := with.DecodeString(strings.TrimRight(strings.NewReplacer("\n", "", "\r", "").Replace(c.text(0)), "="))
			if err != nil {
				c.raise("ArgumentError", "invalid base64")
			}
			return strings.ToValidUTF8(string(data), "\uFFFD")
		}}
	}
	return methods{
		"Digest::SHA256.hexdigest": digest(func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }),
		"Digest::SHA1.hexdigest":   digest(func(b []byte) []byte { s := sha1.Sum(b); return s[:] }),
		"Digest::MD5.hexdigest":    digest(func(b []byte) []byte { s := md5.Sum(b); return s[:] }),
		"Base64.strict_encode64":   encode(base64.StdEncoding),
		"Base64.urlsafe_encode64":  encode(base64.URLEncoding),
		"Base64.strict_decode64":   decode(base64.RawStdEncoding),
		"Base64.decode64":          decode(base64.RawStdEncoding),
		"Base64.urlsafe_decode64":  decode(base64.RawURLEncoding),
		"Base64.encode64":          {1, 1, func(c *call) any { return encode64(c.text(0)) }},
		"Shellwords.escape":        {1, 1, func(c *call) any { return shellEscape(c.text(0)) }},
		"Shellwords.shellescape":   {1, 1, func(c *call) any { return shellEscape(c.text(0)) }},
		"Shellwords.join": {1, 1, func(c *call) any {
			var all []string
			for _, word := range c.list(0) {
				all = append(all, shellEscape(c.f.in.toText(word, c.at)))
			}
			return strings.Join(all, " ")
		}},
		"CGI.escape":           {1, 1, func(c *call) any { return url.QueryEscape(c.text(0)) }},
		"ERB::Util.url_encode": {1, 1, func(c *call) any { return urlEncode(c.text(0)) }},
		"CGI.unescape":         {1, 1, func(c *call) any { s, _ := url.QueryUnescape(c.text(0)); return s }},
	}
}

// patternOf is a value as a regular expression; a text is one in writing.
func (c *call) patternOf(v any) *regex {
	switch v := v.(type) {
	case *regex:
		return v
	case string:
		if c.name == "union" {
			v = quotedPattern(v)
		}
		return compile(c.at, v, "")
	}
	c.noConversion(v, "String")
	return nil
}

func (c *call) quoted() string { return quotedPattern(c.text(0)) }

func encode64(s string) string {
	var b strings.Builder
	for at := 0; at < len(s); at += 45 {
		b.WriteString(base64.StdEncoding.EncodeToString([]byte(s[at:min(at+45, len(s))])) + "\n")
	}
	return b.String()
}

func newArray(c *call) any {
	if len(c.args) == 0 {
		return &array{}
	}
	if list, ok := c.args[0].(*array); ok {
		return &array{append([]any(nil), list.items...)}
	}
	n := c.int(0)
	c.f.in.bounded(c.at, n)
	out := &array{}
	for i := range n {
		if c.block != nil {
			out.items = append(out.items, c.yield(i))
		} else {
			out.items = append(out.items, c.arg(1))
		}
	}
	return out
}

func newDefaultHash(c *call) any {
	h := newHash()
	if h.standard = c.arg(0); c.block != nil {
		h.standard = c.block
	}
	return h
}
