package deploy

import (
	"fmt"
	"slices"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
)

// claimant is a kind of thing that has a route.
type claimant int

const (
	otherApp claimant = iota // of which the configuration knows nothing
	aRole
	anAccessory
)

// party is what has a route, or is to have one.
type party struct {
	kind claimant
	name string // "" of another app
}

func (p party) String() string {
	switch p.kind {
	case aRole:
		return "role " + p.name
	case anAccessory:
		return "accessory " + p.name
	}
	return "another app"
}

// routed is something that is to be behind the proxy.
type routed struct {
	what    party
	route   traefik.Route
	options []config.Option
	without string // how to do without the proxy
}

func ofRole(role config.Role, route traefik.Route) routed {
	return routed{party{aRole, role.Name}, route, role.Options, "set proxy: false"}
}

func ofAccessory(a config.Accessory, route traefik.Route) routed {
	return routed{party{anAccessory, a.Name}, route, a.Options, "leave its proxy section out"}
}

// obstacles are the reasons for which no proxy can lead requests to it.
func (b routed) obstacles(host string) []error {
	var errs []error
	if docker.HostNetwork(b.options) {
		errs = append(errs, fmt.Errorf("%s: %s uses the host's network, where the proxy cannot find it: %s", host, b.what, b.without))
	}
	if err := b.route.Check(); err != nil {
		errs = append(errs, fmt.Errorf("write the route of %s: %w", b.what, err))
	}
	return errs
}

// RouteTakenError is a route that somebody else has on a host already.
type RouteTakenError struct {
	Host   string
	What   party    // that is to have the route
	File   string   // of the other route
	Owner  party    // of that
	Common []string // what both are for
}

func (e *RouteTakenError) Error() string {
	return fmt.Sprintf("%s: %s has the same route as %s, which %s serves already", e.Host, e.What, e.File, e.Owner)
}

// Hint says what both are for, and what can be done.
func (e *RouteTakenError) Hint() string {
	return fmt.Sprintf("both are for %s: %s", config.Few(e.Common), e.remedy())
}

func (e *RouteTakenError) remedy() string {
	switch {
	case e.Owner.kind == aRole && e.What.kind == anAccessory:
		return "run mrsk deploy first; if the accessory has the role's new route, run mrsk accessory stop before that"
	case e.Owner.kind == aRole:
		return "change both in one run, without --roles"
	case e.Owner.kind == anAccessory:
		return "run mrsk accessory reboot for the accessory first"
	}
	return "use another host or path_prefix, or remove the other route first"
}

// taken tells who has the route on a host, other than the files that the run itself writes or
// removes there.
func (b routed) taken(c *config.Scope, h facts.Host, changing []string) []error {
	file := b.route.Clash(h, changing...)
	if file == "" {
		return nil
	}
	return []error{&RouteTakenError{h.Name, b.what, file, ownerOf(c.Project, h, file), b.route.Common(h, file)}}
}

// ownerOf is whose a route file of a host is, as far as the configuration and containers of former roles tell.
func ownerOf(c *config.Project, h facts.Host, file string) party {
	for _, role := range append(slices.Clone(c.Roles), former(c, h)...) {
		if traefik.OfRole(c, role.Name).File() == file {
			return party{aRole, role.Name}
		}
	}
	for _, a := range c.Accessories {
		if traefik.OfAccessory(a).File() == file {
			return party{anAccessory, a.Name}
		}
	}
	return party{}
}
