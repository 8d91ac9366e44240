package image

import (
	"io"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/diagnose"
	"mrsk/internal/local"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// command is a program to run on the operator's machine. It has two forms: the arguments to run, and a
// text without secrets to show.
type command struct {
	args  []string
	shown shell.Line
	env   []variable
	unset []string // variables of mrsk's own environment that the program does not get
	stdin redact.String
	// stdout receives the program's output; if it is nil, the output is shown to the user.
	stdout io.Writer
	dir    string           // "" is the project's directory
	engine diagnose.Machine // ThisMachine is that of the operator's docker
}

// variable is an environment variable of a command; its value is never shown.
type variable struct {
	name   string
	value  redact.String
	secret bool // hide the value in the command's output, too
}

// plain returns a variable whose value is no secret.
func plain(name, value string) variable { return variable{name: name, value: redact.New(value)} }

func docker(words ...string) command { return command{}.with("docker").with(words...) }

func git(words ...string) command {
	c := command{unset: local.GitUnset()}
	for _, variable := range local.GitEnv() {
		name, value, _ := strings.Cut(variable, "=")
		c = c.exporting(plain(name, value))
	}
	return c.with("git").with(words...)
}

// with returns c with more arguments.
func (c command) with(words ...string) command {
	c.args = slices.Concat(c.args, words)
	c.shown = c.shown.Lits(words...)
	return c
}

// option returns c with an option and its value, or c if value is empty.
func (c command) option(name, value string) command {
	if value == "" {
		return c
	}
	return c.with(name, value)
}

// flag returns c with an option that has no value, or c if set is false.
func (c command) flag(name string, set bool) command {
	if !set {
		return c
	}
	return c.with(name)
}

// hidden returns c with the argument clear+value. Only clear is shown.
func (c command) hidden(clear, value string) command {
	c.args = slices.Concat(c.args, []string{clear + value})
	word := shell.Secret(redact.New(value))
	if clear != "" {
		word = shell.Join(shell.Lit(clear), word)
	}
	c.shown = c.shown.Add(word)
	return c
}

// exporting returns c with more environment variables.
func (c command) exporting(variables ...variable) command {
	c.env = slices.Concat(c.env, variables)
	return c
}

// reading returns c with text as its stdin.
func (c command) reading(text redact.String) command {
	c.stdin = text
	return c
}

// in returns c with dir as its working directory.
func (c command) in(dir string) command {
	c.dir = dir
	return c
}

// asking returns c for a command that asks the engine of a machine.
func (c command) asking(engine diagnose.Machine) command {
	c.engine = engine
	return c
}

// environment returns the variables that c adds to the environment of the process.
func (c command) environment() []string {
	var env []string
	for _, v := range c.env {
		env = append(env, v.name+"="+v.value.Reveal())
	}
	return env
}

// secrets returns the secrets of c, to hide them in its output.
func (c command) secrets() *redact.Secrets {
	all := redact.Of(c.stdin)
	for _, v := range c.env {
		if v.secret {
			all.Add(v.value)
		}
	}
	return all
}

// value returns c with a build argument. It passes only the name and exports the value, because other
// users can read the arguments of a process. Docker and pack read the value of a bare name from the
// environment.
func (c command) value(option string, arg config.Pair) command {
	if !exportable(arg.Name) {
		return c.with(option).hidden(arg.Name+"=", arg.Value)
	}
	return c.with(option, arg.Name).exporting(plain(arg.Name, arg.Value))
}

// buildSecret returns c with a build secret, whose value it exports. The variable has the secret's name,
// or a prefixed one if that name would change docker itself or a build argument.
func (c command) buildSecret(s config.Variable) command {
	if exportable(s.Name) && !c.exports(s.Name) {
		return c.with("--secret", "id="+s.Name).exporting(variable{s.Name, s.Value, true})
	}
	const prefix = "MRSK_BUILD_SECRET_"
	return c.with("--secret", "id="+s.Name+",env="+prefix+s.Name).exporting(variable{prefix + s.Name, s.Value, true})
}

func (c command) exports(name string) bool {
	return slices.ContainsFunc(c.env, func(v variable) bool { return v.name == name })
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// reserved matches variables that change how docker, its plugins, ssh, Go's runtime or the
	// dynamic loader work. A build argument of such a name must not be exported to them.
	reserved = regexp.MustCompile(`(?i)^(PATH|HOME|USER|LOGNAME|SHELL|PWD|TERM|TZ|LANG|LC_.*|TMPDIR|TEMP|TMP|` +
		`DOCKER_.*|BUILDX_.*|BUILDKIT_.*|COMPOSE_.*|MOBY_.*|OTEL_.*|XDG_.*|SSH_.*|SSL_CERT_.*|GIT_.*|` +
		`.*_PROXY|LD_.*|DYLD_.*|GO[A-Z]+|SOURCE_DATE_EPOCH|NO_COLOR|SUDO_.*|` +
		`AWS_.*|GOOGLE_.*|AZURE_.*|ACTIONS_.*|TRACEPARENT|TRACESTATE)$`)
)

func exportable(name string) bool {
	return variableName.MatchString(name) && !reserved.MatchString(name)
}
