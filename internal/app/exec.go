package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/shell"
)

// Exec is a command to run beside or in an app's container.
type Exec struct {
	Scope   *config.Scope
	Secrets config.Secrets // of the role, without Reuse
	Role    config.Role
	Host    string
	Version string // of a new container's image; with Reuse, of the running container, "" for the newest
	Token   string // unique to the run
	Command string // shell words
	Env     []config.Pair
	Reuse   bool // run in the running container
	Detach  bool // leave a new container running
	Input   bool // the command reads the operator's input
	TTY     bool // the command also has a terminal
}

// Line returns the command to run on the host.
func (e Exec) Line() shell.Line {
	if e.Reuse {
		return e.inRunning()
	}
	c := OneOff(e.Scope.Project, e.Secrets, e.Role, e.Host, e.Version, e.name())
	c.Env.Clear = append(append([]config.Pair(nil), c.Env.Clear...), e.Env...)
	c.Cmd = e.Command
	switch {
	case e.Detach:
		return c.Run()
	case e.Input:
		return c.Attached(e.flags()...)
	}
	return c.Once()
}

// name returns the name of a new container. It differs from the names of the app's own containers.
func (e Exec) name() string {
	return Prefix(e.Scope.Project, e.Role.Name) + "-exec-" + e.Version + "-" + docker.Hash(6, e.Token, e.Host, e.Role.Name)
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

func (e Exec) inRunning() shell.Line {
	if e.Version == "" {
		running := append([]string{"--filter", "status=running"}, filters(e.Scope.Project, e.Role.Name)...)
		return docker.Newest("running container of role "+e.Role.Name, running...).
			Then(docker.Exec(docker.Found(), e.flags(), e.Env, e.Command))
	}
	name := ContainerName(e.Scope.Project, e.Role.Name, e.Version)
	return docker.Exec(shell.Lit(name), e.flags(), e.Env, e.Command)
}
