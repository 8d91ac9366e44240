package image

import (
	"io"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/local"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// command is one program to run on the operator's machine, in two renderings: what is run, and
// what may be shown.
type command struct {
	args  []string
	shown shell.Line
	env   []variable
	unset []string // variables of mrsk's own environment that the program does not get
	stdin redact.String
	// stdout gets what the program writes there; nil lets the user see it.
	stdout io.Writer
	dir    string // "" is the project's directory
}

// variable is an environment variable of a command; its value is never shown.
type variable struct {
	name   string
	value  redact.String
	secret bool // to be hidden in the command's output, too
}

// plain is a variable whose value is no secret.
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

// option returns c with an option, unless value is empty.
func (c command) option(name, value string) command {
	if value == "" {
		return c
	}
	return c.with(name, value)
}

// flag returns c with a bare option, if set.
func (c command) flag(name string, set bool) command {
	if !set {
		return c
	}
	return c.with(name)
}

// hidden returns c with an argument of which only clear is shown.
func (c command) hidden(clear, value string) command {
	c.args = slices.Concat(c.args, []string{clear + value})
	word := shell.Secret(redact.New(value))
	if clear != "" {
		word = shell.Join(shell.Lit(clear), word)
	}
	c.shown = c.shown.Add(word)
	return c
}

// exporting returns c with environment variables.
func (c command) exporting(variables ...variable) command {
	c.env = slices.Concat(c.env, variables)
	return c
}

// reading returns c with text as its stdin.
func (c command) reading(text redact.String) command {
	c.stdin = text
	return c
}

// in returns c to be run in dir.
func (c command) in(dir string) command {
	c.dir = dir
	return c
}

// environment is what c needs in addition to the process's own.
func (c command) environment() []string {
	var env []string
	for _, v := range c.env {
		env = append(env, v.name+"="+v.value.Reveal())
	}
	return env
}

// secrets are those that c holds, and that a program may quote.
func (c command) secrets() *redact.Secrets {
	all := redact.Of(c.stdin)
	for _, v := range c.env {
		if v.secret {
			all.Add(v.value)
		}
	}
	return all
}

// value hands a build argument over. Programs take the value of a bare name from their own
// environment, which keeps it out of every list of processes.
func (c command) value(option string, arg config.Pair) command {
	if !exportable(arg.Name) {
		return c.with(option).hidden(arg.Name+"=", arg.Value)
	}
	return c.with(option, arg.Name).exporting(plain(arg.Name, arg.Value))
}

// buildSecret hands a secret over in the environment: under its own name, or under one of ours
// where that would change docker itself or a build argument of the same name.
func (c command) buildSecret(s config.Secret) command {
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
	// steering are the variables that docker, its plugins, ssh, Go's runtime or the loader
	// obey: exported for an image, they would change how that image is built.
	steering = regexp.MustCompile(`(?i)^(PATH|HOME|USER|LOGNAME|SHELL|PWD|TERM|TZ|LANG|LC_.*|TMPDIR|TEMP|TMP|` +
		`DOCKER_.*|BUILDX_.*|BUILDKIT_.*|COMPOSE_.*|MOBY_.*|OTEL_.*|XDG_.*|SSH_.*|SSL_CERT_.*|GIT_.*|` +
		`.*_PROXY|LD_.*|DYLD_.*|GO[A-Z]+|SOURCE_DATE_EPOCH|NO_COLOR|SUDO_.*|` +
		`AWS_.*|GOOGLE_.*|AZURE_.*|ACTIONS_.*)$`)
)

func exportable(name string) bool {
	return variableName.MatchString(name) && !steering.MatchString(name)
}
