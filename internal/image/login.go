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

// Login logs the operator's docker in to the registry, if the registry needs a login. The password goes
// through stdin. If the registry refuses the login, the error is a *LoginError. events must not be nil.
func Login(ctx context.Context, r config.Registry, secrets config.Secrets, events event.Sink) error {
	return runner{events: events, engine: engineOf(local.FindDocker())}.logIn(ctx, r, secrets)
}

func (r runner) logIn(ctx context.Context, to config.Registry, secrets config.Secrets) error {
	if !needsLogin(to) {
		return nil
	}
	err := r.run(ctx, "log in to "+serverOf(to), login(to, secrets))
	var exit *local.ExitError
	if errors.As(err, &exit) {
		return &LoginError{Server: serverOf(to), Err: err}
	}
	return err
}

// Logout logs the operator's docker out of the registry, if the registry needs a login.
func Logout(ctx context.Context, r config.Registry, events event.Sink) error {
	if !needsLogin(r) {
		return nil
	}
	return runner{events: events, engine: engineOf(local.FindDocker())}.run(ctx, "log out of "+serverOf(r), logout(r))
}

func serverOf(r config.Registry) string { return cmp.Or(r.Server, "Docker Hub") }

// LoginLine returns the line that logs a host in to the registry. It is empty if no login is needed.
// The password goes through a pipe from printf. printf is a builtin of the shell, so the password is in
// no argument list of a process.
func LoginLine(r config.Registry, secrets config.Secrets) shell.Line {
	if !needsLogin(r) {
		return shell.Line{}
	}
	user := shell.Lit(r.Username.Text.Reveal())
	if r.Username.Key != "" {
		user = shell.Secret(secrets.Of(r.Username))
	}
	login := host.Cmd("login")
	if r.Server != "" {
		login = login.Lits(r.Server)
	}
	password := shell.Cmd("printf", "%s").Add(shell.Secret(secrets.Of(r.Password)))
	return password.Pipe(login.Lits("-u").Add(user).Lits("--password-stdin"))
}

// LogoutLine returns the line that logs a host out of the registry. It is empty if no login is needed.
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

// needsLogin reports whether the configuration has credentials for the registry. The image cache of
// this machine needs none.
func needsLogin(r config.Registry) bool {
	return !r.Local() && (!r.Username.Empty() || !r.Password.Empty())
}

func login(r config.Registry, secrets config.Secrets) command {
	c := docker("login")
	if r.Server != "" {
		c = c.with(r.Server)
	}
	c = c.with("-u")
	if r.Username.Key != "" {
		c = c.hidden("", secrets.Of(r.Username).Reveal())
	} else {
		c = c.with(r.Username.Text.Reveal())
	}
	return c.with("--password-stdin").reading(secrets.Of(r.Password))
}

func logout(r config.Registry) command {
	c := docker("logout")
	if r.Server != "" {
		c = c.with(r.Server)
	}
	return c
}
