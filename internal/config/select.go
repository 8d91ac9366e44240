package config

import (
	"fmt"
	"slices"
	"strings"
)

// Selection is what the user narrowed a command down to. Hosts and Roles are shell patterns;
// none means all. Primary picks one host.
type Selection struct {
	Hosts   []string
	Roles   []string
	Primary bool
}

// Empty reports whether the selection leaves everything in.
func (s Selection) Empty() bool { return len(s.Hosts) == 0 && len(s.Roles) == 0 && !s.Primary }

// SelectionError is a selection that nothing fits.
type SelectionError struct {
	What      string   // "host", "role" or "accessory"
	Patterns  []string // that fit nothing
	Available []string
}

func (e *SelectionError) Error() string {
	return fmt.Sprintf("no %s matches %s", e.What, strings.Join(e.Patterns, ", "))
}

// Hint lists what there is to choose from.
func (e *SelectionError) Hint() string {
	many := e.What + "s"
	if e.What == "accessory" {
		many = "accessories"
	}
	if len(e.Available) == 0 {
		return "the configuration has no " + many
	}
	list := fmt.Sprintf("the %s are %s", many, strings.Join(e.Available, ", "))
	// Names of hosts differ by a digit, so that the nearest one is nothing to suggest.
	if near := Nearest(e.Patterns[0], e.Available); near != "" && e.What != "host" {
		return fmt.Sprintf("did you mean %q? %s", near, list)
	}
	return list
}

// All returns the scope of a run on everything in the project.
func (p *Project) All() *Scope { return &Scope{Placement: p.Placement, Project: p} }

// Select returns the scope of the selected roles, each with its selected hosts; roles without any
// are left out. Accessories keep those of their hosts that are selected, and that belong to the
// selected roles. Primary keeps one host: the first of the selected roles, or of the project when
// none are selected. The primary role of the scope is that of the project where it is selected,
// else the first role. The error is a *SelectionError.
func (p *Project) Select(s Selection) (*Scope, error) {
	roles, err := p.selectRoles(s.Roles)
	if err != nil {
		return nil, err
	}
	hosts, err := p.selectHosts(s.Hosts)
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

// Departed returns the scope of hosts on which no role of the project is to run any more, so that
// what it has left there can be removed.
func (p *Project) Departed(hosts []string) (*Scope, error) {
	for _, host := range hosts {
		if slices.Contains(p.AppHosts(), host) {
			return nil, fmt.Errorf("host %s has a role in the configuration", host)
		}
		if !IsHostName(host) {
			return nil, fmt.Errorf("%q is no host name", host)
		}
	}
	return &Scope{Placement: Placement{PrimaryRole: p.PrimaryRole}, Project: p, departed: hosts}, nil
}

// AppHosts returns the hosts of all roles, each once, those of the primary role first; after
// Departed, those that left.
func (s *Scope) AppHosts() []string { return adding(s.Placement.AppHosts(), s.departed) }

// Hosts returns the hosts of all roles and accessories, each once: those of the roles first.
func (s *Scope) Hosts() []string { return adding(s.AppHosts(), s.AccessoryHosts()) }

// selectRoles returns the roles that fit one of the patterns, in p's order.
func (p *Placement) selectRoles(patterns []string) ([]Role, error) {
	names := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		names[i] = r.Name
	}
	picked, err := pick("role", patterns, names)
	return slices.DeleteFunc(slices.Clone(p.Roles), func(r Role) bool { return !slices.Contains(picked, r.Name) }), err
}

func (p *Placement) selectHosts(patterns []string) ([]string, error) {
	return pick("host", patterns, p.Hosts())
}

// pick returns the names that fit one of the patterns. A pattern that fits nothing is an error
// even when others fit: it is a misspelled name, and the command would do less than it was told.
func pick(what string, patterns, names []string) ([]string, error) {
	if len(patterns) == 0 {
		return names, nil
	}
	var picked, idle []string
	for _, p := range patterns {
		found := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !matches(p, n) })
		if len(found) == 0 {
			idle = append(idle, p)
		}
		picked = append(picked, found...)
	}
	if len(idle) > 0 {
		return nil, &SelectionError{what, idle, names}
	}
	return picked, nil
}
