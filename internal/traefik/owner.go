package traefik

import (
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// Owner identifies the role or accessory that a route belongs to. The names of all files and Traefik
// objects of a route derive from its owner.
type Owner struct {
	service     string
	role        string // "" for an accessory
	destination string // "" without one, and for an accessory, which all destinations share
}

// separator joins service, role and destination: a character that none of them may contain, so
// that no two apps can have the same file or object name.
const separator = "."

// inPlaceOfRole replaces the role in the names of an accessory's route. No role can have this name.
const inPlaceOfRole = "-accessory"

// OfRole returns the owner of the route of a role.
func OfRole(p *config.Project, role string) Owner {
	return Owner{service: p.Service, role: role, destination: p.Destination}
}

// OfAccessory returns the owner of the route of an accessory.
func OfAccessory(a config.Accessory) Owner { return Owner{service: a.Service} }

// String names the owner in a sentence: role web, or accessory shop-db.
func (o Owner) String() string {
	if o.role == "" {
		return "accessory " + o.service
	}
	return "role " + o.role
}

// base returns the prefix of the names of the owner's files and objects.
func (o Owner) base() string {
	parts := []string{o.service, o.role}
	if o.role == "" {
		parts[1] = inPlaceOfRole
	}
	if o.destination != "" {
		parts = append(parts, o.destination)
	}
	return strings.Join(parts, separator)
}

// object returns the name of one of the owner's routers, services or middlewares.
func (o Owner) object(name string) string { return o.base() + separator + name }

// File returns the name of the route file.
func (o Owner) File() string { return o.base() + ".yml" }

// Router returns the name of the first router. After a change mrsk asks the proxy which service it uses.
func (o Owner) Router() string { return o.object("http0") }

// Serving returns the alias of the container that gets the route's requests on a host, or "" without a
// route.
func (o Owner) Serving(h facts.Host) string { return Serving(h, o.File(), o.base()) }
