// Package accessory turns an accessory's configuration and what was seen of it on a host into the
// steps for its files, folders and container. It is pure: it renders steps and runs nothing.
package accessory

import (
	"strconv"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

// Unit is an accessory on one host.
type Unit struct {
	Accessory config.Accessory // secrets filled in, where it is to be started
	Host      facts.Host
	Token     string        // unique to the run; the names that must not clash are made from it
	Files     []string      // what its files hold, in their order
	Own       []config.Pair // the environment that mrsk itself gives it
	// Delay is how long it must have been running to count as up, without a health check, and
	// Timeout how long it may take to be up.
	Delay, Timeout time.Duration
}

// Seen is what there is of it.
func (u Unit) Seen() facts.Accessory { return u.Host.Accessory(u.Accessory.Service) }

// Container is its container; the ID is "" when there is none.
func (u Unit) Container() facts.Container { return u.Seen().Container }

// Alias is the name of a new container on the proxy's network: short, safe for DNS and never used
// before, so that no route can point to it by accident.
func (u Unit) Alias() string {
	return "m-" + docker.Hash(12, u.Token, u.Host.Name, u.Accessory.Service)
}

// NeedsNetwork reports whether a new container joins mrsk's network: to be found by the app's
// containers, or by the proxy.
func (u Unit) NeedsNetwork() bool {
	return u.container().Joins()
}

// New reports whether there is no container that could be started: none at all, or one that never
// ran. One that ended before it was up counts as such once its configuration has been changed.
func (u Unit) New() bool {
	k := u.Container()
	failed := k.Restart == "no" && u.Accessory.Restart != "no"
	return k.ID == "" || !k.Running() && (k.Started.IsZero() || failed && u.Differs() != "")
}

// Unfinished reports whether the container runs and is not known to be up: nobody has waited for
// it to the end.
func (u Unit) Unfinished() bool {
	k := u.Container()
	return k.Running() && (k.Restart == "no" && u.Accessory.Restart != "no" || k.Health == "starting" || k.Health == "unhealthy")
}

// Differs says in what the container is not what the configuration asks for, "" where it is, or
// where there is none.
func (u Unit) Differs() string {
	seen, image := u.Seen(), u.Accessory.Image
	switch {
	case seen.Container.ID == "":
		return ""
	case seen.Config == "":
		return "another tool made it"
	case seen.Reference != image:
		return "it was made from " + seen.Reference + ", and the configuration says " + image
	case seen.Config != u.config():
		return "its configuration has changed"
	case seen.Image != "" && seen.Image != seen.Container.Image:
		return "the host has a newer image " + image
	}
	return ""
}

// config is a hash of all that makes the container what it is. It tells no secret to anybody who
// could not read it anyway: whoever may see a container's labels sees its environment.
func (u Unit) config() string {
	c := u.container()
	c.Restart = u.Accessory.Restart
	parts := []string{c.Run().Wire().Reveal()}
	for i, f := range u.Accessory.Files {
		parts = append(parts, u.Accessory.Path(f), f.Mode, f.Owner, u.content(i))
	}
	for _, d := range u.Accessory.Directories {
		parts = append(parts, u.Accessory.Folder(d), d.Mode, d.Owner)
	}
	return docker.Hash(12, parts...)
}

func (u Unit) content(i int) string {
	if i >= len(u.Files) {
		return ""
	}
	return u.Files[i]
}

// container is what docker is told, but for what is new with each container.
func (u Unit) container() docker.Container {
	a := u.Accessory
	return docker.Container{
		Name:    a.Service,
		Image:   a.Image,
		Network: u.network(),
		Restart: "no",
		Own:     u.Own,
		Env:     a.Env,
		Labels:  append([]config.Pair{{Name: docker.LabelService, Value: a.Service}}, a.Labels...),
		Volumes: a.Binds(),
		Logging: a.Logging,
		Options: append(u.published(), u.options()...),
		Cmd:     a.Cmd,
	}
}

func (u Unit) published() []config.Option {
	if len(u.Accessory.Ports) == 0 {
		return nil
	}
	return []config.Option{{Name: "publish", Values: u.Accessory.Ports}}
}

// network is the one that the container joins in place of mrsk's. Behind the proxy it must be in
// mrsk's, and joins its own in addition.
func (u Unit) network() string {
	if u.Accessory.Proxy != nil {
		return ""
	}
	return u.Accessory.Network
}

func (u Unit) options() []config.Option {
	a := u.Accessory
	if a.Proxy == nil || a.Network == "" || a.Network == docker.Network {
		return a.Options
	}
	return append([]config.Option{{Name: "network", Values: []string{a.Network}}}, a.Options...)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Round(time.Second).Seconds())) }

// Own is the environment that mrsk itself gives the container of an accessory.
func Own(c *config.Project, host string) []config.Pair {
	return c.Prefixed(config.Pair{Name: "HOST", Value: host})
}
