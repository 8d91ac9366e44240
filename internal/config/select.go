package config

import (
	"fmt"
	"slices"
	"strings"
)

// Selection holds the options that limit a command to some hosts and roles. Hosts and Roles are shell
// patterns; none means all. Primary selects one host.
type Selection struct {
	Hosts   []string
	Roles   []string
	Primary bool
}

// Empty reports whether the selection selects everything.
func (s Selection) Empty() bool { return len(s.Hosts) == 0 && len(s.Roles) == 0 && !s.Primary }

// SelectionError reports patterns that match nothing.
type SelectionError struct {
	What      string   // "host", "role" or "accessory"
	Patterns  []string // those that match nothing
	Available []string // the names to choose from
}

func (e *SelectionError) Error() string {
	return fmt.Sprintf("no %s matches %s", e.What, strings.Join(e.Patterns, ", "))
}

// Hint lists the names to choose from.
func (e *SelectionError) Hint() string {
	many := e.What + "s"
	if e.What == "accessory" {
		many = "accessories"
	}
	if len(e.Available) == 0 {
		return "the configuration has no " + many
	}
	list := fmt.Sprintf("the %s are %s", many, strings.Join(e.Available, ", "))
	// Host names often differ in one digit, so the nearest name would be a guess.
	if near := Nearest(e.Patterns[0], e.Available); near != "" && e.What != "host" {
		return fmt.Sprintf("did you mean %q? %s", near, list)
	}
	return list
}

// All returns the scope of a run on everything in the project.
func (p *Project) All() *Scope { return &Scope{Placement: p.Placement, Project: p} }

// Select returns the scope of the selected roles and hosts. A role keeps its selected hosts, and is left
// out if it has none. An accessory keeps its hosts that are selected and belong to a selected role. With
// Primary, one host remains: the first of the selected roles, or of the project if none are selected.
// The primary role of the scope is that of the project if it is selected, or else the first role. The
// error is a *SelectionError.
func (p *Project) Select(s Selection) (*Scope, error) {
	roles, err := p.selectRoles(s.Roles)
	if err != nil {
		return nil, err
	}
	hosts, err := pick("host", s.Hosts, p.Hosts(), p.matchesHost)
	if err != nil {
		return nil, err
	}
	if first := p.HostsOf(roles...); s.Primary && len(first) > 0 {
		hosts = first[:1]
	}
	if len(s.Roles) > 0 {
		hosts = slices.DeleteFunc(hosts, func(h string) bool { return !slices.Contains(p.HostsOf(roles...), h) })
	}
	scope := &Scope{Project: p}
	for _, r := range roles {
		r.Hosts = slices.DeleteFunc(slices.Clone(r.Hosts), func(h Host) bool { return !slices.Contains(hosts, h.Name) })
		if len(r.Hosts) > 0 {
			scope.Roles = append(scope.Roles, r)
		}
	}
	scope.Accessories = p.accessoriesOn(hosts)
	if len(scope.Hosts()) == 0 && !s.Empty() {
		return nil, &SelectionError{"host", s.Hosts, p.HostsOf(roles...)}
	}
	if scope.PrimaryRole = p.PrimaryRole; scope.find(p.PrimaryRole) < 0 && len(scope.Roles) > 0 {
		scope.PrimaryRole = scope.Roles[0].Name
	}
	return scope, nil
}

// Only returns the scope with these hosts of its roles alone. A role without any of them is left out, and the primary role
// is chosen as by Select. Accessories stay.
func (s *Scope) Only(hosts []string) *Scope {
	narrow := *s
	narrow.Roles = nil
	for _, r := range s.Roles {
		r.Hosts = slices.DeleteFunc(slices.Clone(r.Hosts), func(h Host) bool { return !slices.Contains(hosts, h.Name) })
		if len(r.Hosts) > 0 {
			narrow.Roles = append(narrow.Roles, r)
		}
	}
	if narrow.find(s.PrimaryRole) < 0 && len(narrow.Roles) > 0 {
		narrow.PrimaryRole = narrow.Roles[0].Name
	}
	return &narrow
}

// Without returns the scope without these hosts of its roles, see Only.
func (s *Scope) Without(hosts []string) *Scope {
	return s.Only(slices.DeleteFunc(s.AppHosts(), func(h string) bool { return slices.Contains(hosts, h) }))
}

// Departed returns a scope of hosts that left the configuration, for removing the app from them. It
// fails if a role of the project runs on one of them.
func (p *Project) Departed(hosts []string) (*Scope, error) {
	for _, host := range hosts {
		if p.HasRole(host) {
			return nil, fmt.Errorf("host %s has a role in the configuration", host)
		}
		if !IsHostName(host) {
			return nil, fmt.Errorf("%q is not a host name", host)
		}
	}
	return &Scope{Placement: Placement{PrimaryRole: p.PrimaryRole}, Project: p, departed: hosts}, nil
}

// AppHosts returns the hosts of all roles, each once, those of the primary role first. In a scope of
// Departed it returns the hosts that left.
func (s *Scope) AppHosts() []string { return adding(s.Placement.AppHosts(), s.departed) }

// Hosts returns the hosts of all roles and accessories, each once: those of the roles first.
func (s *Scope) Hosts() []string { return adding(s.AppHosts(), s.AccessoryHosts()) }

// selectRoles returns the roles that match one of the patterns, in p's order.
func (p *Placement) selectRoles(patterns []string) ([]Role, error) {
	names := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		names[i] = r.Name
	}
	picked, err := pick("role", patterns, names, matches)
	return slices.DeleteFunc(slices.Clone(p.Roles), func(r Role) bool { return !slices.Contains(picked, r.Name) }), err
}

// pick returns the names that match one of the patterns. A pattern without a match is an error even if
// others match: it is probably misspelled, and the command would leave out hosts or roles.
func pick(what string, patterns, names []string, fits func(pattern, name string) bool) ([]string, error) {
	if len(patterns) == 0 {
		return names, nil
	}
	var picked, unmatched []string
	for _, p := range patterns {
		found := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !fits(p, n) })
		if len(found) == 0 {
			unmatched = append(unmatched, p)
		}
		picked = append(picked, found...)
	}
	if len(unmatched) > 0 {
		return nil, &SelectionError{what, unmatched, names}
	}
	return picked, nil
}
