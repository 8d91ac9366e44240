package image

import (
	"cmp"
	"context"
	"errors"

	host "mrsk/internal/docker"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/local"
	"mrsk/internal/shell"
)

// Login logs the operator's docker in to the registry; nothing happens where it needs none. The
// password goes through stdin. A refusal is a *LoginError. events must not be nil.
func Login(ctx context.Context, r config.Registry, events event.Sink) error {
	return runner{events: events}.logIn(ctx, r)
}

func (r runner) logIn(ctx context.Context, to config.Registry) error {
	if !needsLogin(to) {
		return nil
	}
	err := r.run(ctx, "log in to "+serverOf(to), login(to))
	var exit *local.ExitError
	if errors.As(err, &exit) {
		return &LoginError{Server: serverOf(to), Err: err}
	}
	return err
}

// Logout forgets the login; nothing happens where there is none.
func Logout(ctx context.Context, r config.Registry, events event.Sink) error {
	if !needsLogin(r) {
		return nil
	}
	return runner{events: events}.run(ctx, "log out of "+serverOf(r), logout(r))
}

func serverOf(r config.Registry) string { return cmp.Or(r.Server, "Docker Hub") }

// LoginLine returns the shell words with which a host logs in to the registry, or the empty
// Line where no login is needed. The password goes through a pipe: printf is part of the shell,
// so that it is in no list of arguments.
func LoginLine(r config.Registry) shell.Line {
	if !needsLogin(r) {
		return shell.Line{}
	}
	user := shell.Lit(r.Username.Value.Reveal())
	if r.Username.Key != "" {
		user = shell.Secret(r.Username.Value)
	}
	login := host.Cmd("login")
	if r.Server != "" {
		login = login.Lits(r.Server)
	}
	password := shell.Cmd("printf", "%s").Add(shell.Secret(r.Password.Value))
	return password.Pipe(login.Lits("-u").Add(user).Lits("--password-stdin"))
}

// LogoutLine returns the shell words that forget the login, or the empty Line where there is
// none.
func LogoutLine(r config.Registry) shell.Line {
	if !needsLogin(r) {
		return shell.Line{}
	}
	logout := host.Cmd("logout")
	if r.Server != "" {
		logout = logout.Lits(r.Server)
	}
	return logout
}

// needsLogin is false for a registry that asks nobody who they are: without credentials, or
// on loopback.
func needsLogin(r config.Registry) bool {
	return !r.Local() && (!empty(r.Username) || !empty(r.Password))
}

// empty is for what the file leaves out: a secret that has not been read yet is there.
func empty(s config.SecretRef) bool { return s.Key == "" && s.Value.Empty() }

func login(r config.Registry) command {
	c := docker("login")
	if r.Server != "" {
		c = c.with(r.Server)
	}
	c = c.with("-u")
	if r.Username.Key != "" {
		c = c.hidden("", r.Username.Value.Reveal())
	} else {
		c = c.with(r.Username.Value.Reveal())
	}
	return c.with("--password-stdin").reading(r.Password.Value)
}

func logout(r config.Registry) command {
	c := docker("logout")
	if r.Server != "" {
		c = c.with(r.Server)
	}
	return c
}
