// Package accessory plans the steps for an accessory's files, folders and container. It is pure: the steps
// depend only on the configuration and the facts of a host.
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
	Accessory config.Accessory
	Secrets   config.Secrets // of the accessory, if it may be started or compared
	Host      facts.Host
	Token     string        // unique to the run; names that must not clash derive from it
	Files     []string      // contents of Accessory.Files
	Own       []config.Pair // variables that mrsk itself sets, see Own
	// Delay is how long a container without a health check must run to count as up. Timeout is how
	// long it may take to be up.
	Delay, Timeout time.Duration
}

// Seen returns the facts about the accessory on the host.
func (u Unit) Seen() facts.Accessory { return u.Host.Accessory(u.Accessory.Service) }

// Container returns the accessory's container. Its ID is "" if there is none.
func (u Unit) Container() facts.Container { return u.Seen().Container }

// Alias returns the name of a new container on the proxy's network. It is valid in DNS, and no container
// had it before, so no old route leads to it.
func (u Unit) Alias() string {
	return "m-" + docker.Hash(12, u.Token, u.Host.Name, u.Accessory.Service)
}

// NeedsNetwork reports whether a new container joins mrsk's network, where the app's containers and the
// proxy reach it.
func (u Unit) NeedsNetwork() bool {
	return u.container().Joins()
}

// New reports whether a new container is needed: there is none, the existing one never ran, or it ended
// before it was up and its configuration has changed since.
func (u Unit) New() bool {
	k := u.Container()
	failed := k.Restart == "no" && u.Accessory.Restart != "no"
	return k.ID == "" || !k.Running() && (k.Started.IsZero() || failed && u.Differs() != "")
}

// Broken returns why the existing container must be replaced before it can be used. It is empty if it need
// not be, or if there is no container.
func (u Unit) Broken() string {
	switch k := u.Container(); {
	case k.ID != "" && u.New():
		return "the one that is there never was up"
	case k.Detached:
		return "it runs without the network " + docker.Network + ", so it reaches no container"
	}
	return ""
}

// Unfinished reports whether the container runs and is not known to be up, because an earlier run stopped
// waiting for it.
func (u Unit) Unfinished() bool {
	k := u.Container()
	return k.Running() && (k.Restart == "no" && u.Accessory.Restart != "no" || k.Health == "starting" || k.Health == "unhealthy")
}

// Differs returns how the container differs from the configuration. It is empty if it does not, or if there
// is no container.
func (u Unit) Differs() string {
	seen, image := u.Seen(), u.Accessory.Image
	switch {
	case seen.Container.ID == "":
		return ""
	case seen.Config == "":
		return "another tool made it"
	case seen.Reference != image:
		return "its image is " + seen.Reference + ", and the configuration has " + image
	case seen.Config != u.config():
		return "its configuration has changed"
	case seen.Image != "" && seen.Image != seen.Container.Image:
		return "the host has a newer image " + image
	}
	return ""
}

// config returns a hash of all settings of the container, secrets included. It is a label of the container.
// That is safe, because users who can read the labels can also read the environment.
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

// container returns the container without the alias and labels that differ for each new container.
func (u Unit) container() docker.Container {
	a := u.Accessory
	return docker.Container{
		Name:    a.Service,
		Image:   a.Image,
		Network: u.network(),
		Restart: "no",
		Own:     u.Own,
		Env:     u.Secrets.Env(a.Env),
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

// network returns the network to join instead of mrsk's, or "". An accessory behind the proxy must be in
// mrsk's network; options adds its own network then.
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

// Own returns the variables that mrsk itself sets in the container of an accessory.
func Own(c *config.Project, host string) []config.Pair {
	return c.Prefixed(config.Pair{Name: "HOST", Value: host})
}
