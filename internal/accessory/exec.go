package accessory

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/shell"
)

// Exec is a command to run beside or in an accessory's container.
type Exec struct {
	Accessory config.Accessory
	Secrets   config.Secrets // of the accessory, without Reuse
	Host      string
	Own       []config.Pair // variables that mrsk itself sets, see Own
	Token     string        // unique to the run
	Command   string        // shell words
	Fetch     shell.Line    // pulls the image for a new container, and prints nothing on stdout
	Reuse     bool          // run in the running container
	Input     bool          // the command reads the operator's input
	TTY       bool          // the command also has a terminal
}

// Line returns the command to run on the host.
func (e Exec) Line() shell.Line {
	if e.Reuse {
		return docker.Exec(shell.Lit(e.Accessory.Service), e.flags(), nil, e.Command)
	}
	u := Unit{Accessory: e.Accessory, Secrets: e.Secrets, Host: facts.Host{Name: e.Host}, Own: e.Own}
	c := u.container()
	c.Name += "-exec-" + docker.Hash(6, e.Token, e.Host, c.Name)
	c.Restart, c.Labels, c.Cmd = "", nil, e.Command
	c.Options = docker.Repeatable(c.Options)
	run := c.Once()
	if e.Input {
		run = c.Attached(e.flags()...)
	}
	if e.Fetch.Empty() {
		return run
	}
	return e.Fetch.Or(shell.Text("exit 1")).Then(run)
}

func (e Exec) flags() []string {
	switch {
	case e.TTY:
		return []string{"--interactive", "--tty"}
	case e.Input:
		return []string{"--interactive"}
	}
	return nil
}

// Logs returns the command that prints the log of an accessory's container. With logs.Follow it goes on with
// the next container when a reboot replaces it.
func Logs(a config.Accessory, logs docker.Logs) shell.Line {
	what := "container of accessory " + a.Name
	if logs.Follow {
		return logs.Followed(what, filters(a)...)
	}
	return docker.Newest(what, filters(a)...).Then(logs.Of(docker.Found()))
}
