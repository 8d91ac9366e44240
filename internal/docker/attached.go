package docker

import (
	"mrsk/internal/config"
	"mrsk/internal/shell"
)

// Attached is Once for a command that reads the operator's input: stdin is left to it, so the
// secrets that travel in an env file take another descriptor. It is for a program of its own,
// whose descriptors 5 and 6 are free.
func (c Container) Attached(flags ...string) shell.Line {
	var file []config.Variable
	file, c.Env.Secret = byCarrier(c.Env.Secret)
	if len(file) == 0 {
		return c.Once(flags...)
	}
	c.Flags = append(append([]string(nil), c.Flags...), "--env-file", "/dev/fd/6")
	run := c.Once(flags...).Add(shell.Raw("6<&0 <&5"))
	return shell.Text("exec 5<&0").Then(piped(file, run))
}

// byCarrier parts the secrets that travel in an env file from the others.
func byCarrier(all []config.Variable) (file, others []config.Variable) {
	for _, s := range all {
		if carrierOf(s.Name, s.Value.Reveal()) == envFile {
			file = append(file, s)
		} else {
			others = append(others, s)
		}
	}
	return file, others
}

// Exec runs a command, given as shell words, in a running container; env are words such as
// those of --env.
func Exec(container shell.Word, flags []string, env []config.Pair, command string) shell.Line {
	line := Cmd("exec").Lits(flags...)
	for _, p := range env {
		line = line.Add(shell.Lit("--env"), pair(p))
	}
	return line.Add(container).Given(command)
}
