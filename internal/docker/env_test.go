package docker

import (
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/config"
	"mrsk/internal/golden"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// The names are those that some shell or docker itself stumbles over, the values those that an
// env file or a variable cannot carry.
func TestCarrier_of_each_name_and_value(t *testing.T) {
	t.Parallel()
	names := []string{
		"TOKEN", "lower", "_", "A1",
		"a.b", "a-b", "1A", "a b", "#A", "ü", "\ufeffA", "A\n", "",
		"PATH", "HOME", "IFS", "UID", "EUID", "PPID", "ENV", "BASH_ENV", "BASHOPTS", "LD_PRELOAD", "DOCKER_HOST", "DOCKER_CONFIG",
		"HTTP_PROXY", "NO_PROXY", "GODEBUG", "GOMAXPROCS", "SSL_CERT_FILE", "XDG_CONFIG_HOME", "TMPDIR", "LINENO", "RANDOM",
		"PATHS", "MY_PATH", "http_proxy", "OLD_HOME",
	}
	values := []struct{ name, value string }{
		{"plain", "value"},
		{"empty", ""},
		{"quotes", `it's "5$" \`},
		{"carriage return inside", "a\rb"},
		{"carriage return at the end", "a\r"},
		{"newline", "a\nb"},
		{"no UTF-8", "\xff"},
		{"60 KiB", strings.Repeat("x", 60<<10)},
		{"100 KiB", strings.Repeat("x", 100<<10)},
		{"130 KiB", strings.Repeat("x", 130<<10)},
		{"NUL", "a\x00b"},
	}
	carriers := map[carrier]string{envFile: "env file", variable: "variable", none: "-"}
	var out strings.Builder
	for _, v := range values {
		out.WriteString("# " + v.name + "\n")
		by := map[string][]string{}
		for _, n := range names {
			c := carriers[carrierOf(n, v.value)]
			by[c] = append(by[c], shell.Quote(n))
		}
		for _, c := range []string{"env file", "variable", "-"} {
			if len(by[c]) > 0 {
				out.WriteString(c + ": " + strings.Join(by[c], " ") + "\n")
			}
		}
	}
	golden.Equal(t, "testdata/carriers.golden", out.String())
}

func TestCarrier_limits_are_those_of_docker_and_linux(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bytes int // NAME=value
		want  carrier
	}{{envFileLine, envFile}, {envFileLine + 1, variable}, {oneString, variable}, {oneString + 1, none}} {
		if got := carrierOf("NAME", strings.Repeat("x", tt.bytes-len("NAME="))); got != tt.want {
			t.Errorf("%d bytes: carrier %d, want %d", tt.bytes, got, tt.want)
		}
	}
}

func TestCheckEnv_names_what_cannot_be_carried_and_shows_no_value(t *testing.T) {
	t.Parallel()
	env := config.Environment{Secret: []config.Variable{secret("FINE", "a\nb"), secret("PATH", "s3cr3t\nb"), secret("a.b", "s3cr3t\n")}}
	errs := CheckEnv(env)
	if len(errs) != 2 {
		t.Fatalf("%d errors: %v", len(errs), errs)
	}
	for i, name := range []string{"PATH", "a.b"} {
		if text := errs[i].Error(); !strings.Contains(text, "secret "+name+":") || strings.Contains(text, "s3cr3t") {
			t.Errorf("error %d: %s", i, text)
		}
	}
}

func secret(name, value string) config.Variable {
	return config.Variable{Name: name, Value: redact.New(value)}
}

// full is a container with everything, and words that a shell reads in other ways.
func full() Container {
	return Container{
		Name: "shop-web-v1", Image: "acme/shop:v1", Hostname: "vm1-0123", Alias: "m-0123", Restart: "unless-stopped",
		Flags: []string{"--pull", "never"},
		Own:   []config.Pair{{Name: "MRSK_VERSION", Value: "v1 ${HOME}"}},
		Env: config.Environment{
			Clear:  []config.Pair{{Name: "EMPTY"}, {Name: "A", Value: "it's ${HOME} $5"}, {Name: "a.b", Value: "x"}},
			Secret: []config.Variable{secret("TOKEN", "s3cr3t 'one'"), secret("LINES", "s3cr3t\n$(two)"), secret("a.b", "s3cr3t three")},
		},
		Labels:  []config.Pair{{Name: "service", Value: "shop"}, {Name: "note", Value: "`5$`"}},
		Volumes: []string{"data:/data", "${HOME}/files:/files dir"},
		Logging: config.Logging{Driver: "json-file", Options: []config.Pair{{Name: "max-size", Value: "10m"}}},
		Options: []config.Option{{Name: "memory", Values: []string{"1g"}}, {Name: "init"}, {Name: "add-host", Values: []string{"a:1.2.3.4", "b:1.2.3.5"}}},
		Cmd:     `bin/web "$PORT" 'it'\''s' | tee /log`,
	}
}

func networks(names ...string) []config.Option {
	return []config.Option{{Name: "network", Values: names}, {Name: "memory", Values: []string{"1g"}}}
}

func lines() map[string]shell.Line {
	minimal := Container{Name: "a", Image: "i"}
	with := func(change func(*Container)) Container {
		c := minimal
		change(&c)
		return c
	}
	return map[string]shell.Line{
		"01 everything":                  full().Run(),
		"02 nothing but a name":          minimal.Run(),
		"03 once":                        full().Once("--interactive"),
		"04 attached":                    full().Attached("--interactive", "--tty"),
		"05 attached without secrets":    minimal.Attached("--interactive"),
		"06 the host's network":          with(func(c *Container) { c.Options, c.Alias = networks("host"), "m-1" }).Run(),
		"07 another container's network": with(func(c *Container) { c.Options = networks("container:b") }).Run(),
		"08 no network":                  with(func(c *Container) { c.Options = networks("none") }).Run(),
		"09 a network more":              with(func(c *Container) { c.Options, c.Alias = networks("backend", "${NET} x"), "m-1" }).Run(),
		"10 the same network":            with(func(c *Container) { c.Options, c.Alias = networks(Network), "m-1" }).Run(),
		"15 long forms": with(func(c *Container) {
			c.Options, c.Alias = networks("name="+Network+",alias=db", "name=backend,alias=db,ip=10.0.0.2"), "m-1"
		}).Run(),
		"16 a long form in place of the network": with(func(c *Container) { c.Network = "name=backend,alias=db" }).Run(),
		"11 a secret in an env file alone":       with(func(c *Container) { c.Env.Secret = []config.Variable{secret("A", "s3cr3t")} }).Run(),
		"12 a secret in a variable alone":        with(func(c *Container) { c.Env.Secret = []config.Variable{secret("A", "s3cr3t\n")} }).Run(),
		"13 a secret and a network more": with(func(c *Container) {
			c.Env.Secret, c.Options = []config.Variable{secret("A", "s3cr3t")}, networks("backend")
		}).Run(),
		"14 exec": Exec(shell.Lit("shop"), []string{"--interactive"}, []config.Pair{{Name: "A", Value: "${HOME} $5"}}, `bin/task "a b"`),
	}
}

func TestContainer_lines(t *testing.T) {
	t.Parallel()
	var names []string
	for name := range lines() {
		names = append(names, name)
	}
	slices.Sort(names)
	var out strings.Builder
	for _, name := range names {
		line := lines()[name]
		out.WriteString("# " + name[3:] + "\n" + line.String() + "\n\n")
		if strings.Contains(line.String(), "s3cr3t") {
			t.Errorf("%s shows a secret: %s", name, line)
		}
	}
	golden.Equal(t, "testdata/lines.golden", out.String())
}

// Whoever may list processes on the host must not read a secret there, and a shell may quote its
// source in a message: values stand in assignments alone, that are commands of their own.
func TestSecrets_stand_in_the_text_of_no_command(t *testing.T) {
	t.Parallel()
	for name, line := range lines() {
		file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(line.Wire().Reveal()), name)
		if err != nil {
			t.Errorf("%v: %s", err, line.Wire().Reveal())
			continue
		}
		syntax.Walk(file, func(n syntax.Node) bool {
			if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 && strings.Contains(printed(t, call), "s3cr3t") {
				t.Errorf("%s: the text of %s has a secret in it", name, call.Args[0].Lit())
			}
			return true
		})
	}
}

func printed(t *testing.T, n syntax.Node) string {
	t.Helper()
	var b strings.Builder
	if err := syntax.NewPrinter().Print(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPrelude_is_POSIX_shell(t *testing.T) {
	t.Parallel()
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(Functions.Text()), "docker.sh"); err != nil {
		t.Error(err)
	}
}

// Docker's client sends the environment as JSON, which replaced such bytes without a word.
func TestCheckEnv_refuses_what_is_no_UTF8(t *testing.T) {
	t.Parallel()
	errs := CheckEnv(config.Environment{Secret: []config.Variable{secret("KEY", "a\xffb")}})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "is no UTF-8 text, which docker cannot take; give it as base64 or in a file") {
		t.Errorf("got %v", errs)
	}
}
