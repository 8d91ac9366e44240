package docker

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"mrsk/internal/config"
	"mrsk/internal/shell"
)

// How a secret reaches a container. None of the ways shows it in an argument list, and none
// leaves it in a file:
//
//   - a line of an env file, read from a pipe: any name, but no newline, and no more than the
//     64 KiB that docker's reader takes in one line;
//   - a variable of that one docker process, named with --env: any text up to what Linux takes
//     in one variable, but only names that a shell can assign and docker does not heed itself.
//
// Docker sends the environment as JSON, so bytes that are no UTF-8 reach no container at all.
//
// Clear values are arguments: they are shown anyway, and an argument carries every name.
const (
	envFileLine = 64<<10 - 1
	// oneString is Linux's limit for one argument or variable (MAX_ARG_STRLEN), with its NUL.
	oneString = 128<<10 - 1
)

type carrier int

const (
	envFile carrier = iota
	variable
	none
)

var assignable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// heeded are variables that change what docker, its loader or the shell does, or that some
// shell refuses to assign.
var heeded = regexp.MustCompile(`^(DOCKER_.*|LD_.*|BASH.*|GO[A-Z]*|(HTTPS?|ALL|NO)_PROXY|PATH|HOME|IFS|PWD|OLDPWD|ENV|E?UID|PPID|GROUPS|DIRSTACK|FUNCNAME|PIPESTATUS|SHELLOPTS|POSIXLY_CORRECT|OPTIND|LINENO|RANDOM|SECONDS|XDG_.*|TMPDIR|SSL_.*)$`)

// carrierOf chooses how a secret travels.
func carrierOf(name, value string) carrier {
	line := len(name) + 1 + len(value)
	switch {
	case strings.ContainsRune(name+value, 0) || !utf8.ValidString(name+value):
		return none
	case fitsEnvFile(name, value) && line <= envFileLine:
		return envFile
	case assignable.MatchString(name) && !heeded.MatchString(name) && line <= oneString:
		return variable
	}
	return none
}

// fitsEnvFile follows docker's own reader: it takes lines, strips a carriage return at
// the end, and white space and a comment sign at the beginning.
func fitsEnvFile(name, value string) bool {
	return !strings.ContainsAny(value, "\n") && !strings.HasSuffix(value, "\r") &&
		!strings.ContainsAny(name, " \t\n\v\f\r\u0085\u00a0") && !strings.HasPrefix(name, "#") &&
		!strings.HasPrefix(name, "\ufeff")
}

// CheckEnv returns an error for each variable of env whose value cannot be passed to a container unchanged.
func CheckEnv(env config.Environment) []error {
	var errs []error
	for _, s := range env.Secret {
		if carrierOf(s.Name, s.Value.Reveal()) == none {
			errs = append(errs, fmt.Errorf("%s: secret %s: its value %s; give it as base64 or in a file", s.Pos, s.Name, trouble(s.Value.Reveal())))
		}
	}
	return errs
}

// trouble says why a value cannot be carried, without showing it.
func trouble(value string) string {
	if !utf8.ValidString(value) {
		return "is no UTF-8 text, which docker cannot take"
	}
	return fmt.Sprintf("has %d bytes and holds a newline or is longer than 64 KiB, which docker cannot take under this name", len(value))
}

// withEnv completes a docker command, given up to its options, with an environment; rest are
// the words behind the options.
func withEnv(command shell.Line, env config.Environment, rest ...shell.Word) shell.Line {
	file, variables := byCarrier(env.Secret)
	for _, p := range env.Clear {
		command = command.Lits("--env").Add(shell.Join(shell.Lit(p.Name+"="), shell.Expand(p.Value)))
	}
	for _, s := range variables {
		command = command.Lits("--env", s.Name)
	}
	if len(file) > 0 {
		command = command.Lits("--env-file", "/dev/stdin")
	}
	return piped(file, assigned(variables, command.Add(rest...)))
}

// assigned puts the variables before the command, so that they are set for it alone.
func assigned(secrets []config.Variable, command shell.Line) shell.Line {
	for _, s := range secrets {
		command = command.With(s.Name, shell.Secret(s.Value))
	}
	return command
}

// piped gives the command its env file through a pipe. printf is built into every sh, so the
// values are in no argument list.
func piped(secrets []config.Variable, command shell.Line) shell.Line {
	if len(secrets) == 0 {
		return command
	}
	lines := shell.Cmd("printf", `%s\n`)
	for _, s := range secrets {
		lines = lines.Add(shell.Join(shell.Lit(s.Name+"="), shell.Secret(s.Value)))
	}
	return lines.Pipe(command)
}
