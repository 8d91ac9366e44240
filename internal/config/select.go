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

// Select returns c narrowed down to the selected roles, each with its selected hosts; roles
// without any are left out. Accessories keep those of their hosts that are selected, and that
// belong to the selected roles. Primary keeps one host: the first of the selected roles, or of the
// configuration when none are selected. The primary role of the result is that of c where it is
// still there, else the first role. The error is a *SelectionError.
func (c *Config) Select(s Selection) (*Config, error) {
	roles, err := c.selectRoles(s.Roles)
	if err != nil {
		return nil, err
	}
	hosts, err := c.selectHosts(s.Hosts)
	if err != nil {
		return nil, err
	}
	if first := c.HostsOf(roles...); s.Primary && len(first) > 0 {
		hosts = first[:1]
	}
	if len(s.Roles) > 0 {
		hosts = slices.DeleteFunc(hosts, func(h string) bool { return !slices.Contains(c.HostsOf(roles...), h) })
	}
	narrow := *c
	narrow.Roles = nil
	narrow.unnarrowed = c.Whole()
	for _, r := range roles {
		r.Hosts = slices.DeleteFunc(slices.Clone(r.Hosts), func(h Host) bool { return !slices.Contains(hosts, h.Name) })
		if len(r.Hosts) > 0 {
			narrow.Roles = append(narrow.Roles, r)
		}
	}
	narrow.Accessories = c.accessoriesOn(hosts)
	if len(narrow.Hosts()) == 0 && !s.Empty() {
		return nil, &SelectionError{"host", s.Hosts, c.HostsOf(roles...)}
	}
	if narrow.find(c.PrimaryRole) < 0 && len(narrow.Roles) > 0 {
		narrow.PrimaryRole = narrow.Roles[0].Name
	}
	return &narrow, nil
}

// Departed returns c narrowed down to hosts on which no role of it is to run any more, so that what it
// has left there can be removed.
func (c *Config) Departed(hosts []string) (*Config, error) {
	for _, host := range hosts {
		if slices.Contains(c.Whole().AppHosts(), host) {
			return nil, fmt.Errorf("host %s has a role in the configuration", host)
		}
		if !IsHostName(host) {
			return nil, fmt.Errorf("%q is no host name", host)
		}
	}
	narrow := *c
	narrow.Roles, narrow.Accessories = nil, nil
	narrow.departed, narrow.unnarrowed = hosts, c.Whole()
	return &narrow, nil
}

// Whole returns the configuration as the file has it, before Select narrowed it down; its secrets
// are not filled in.
func (c *Config) Whole() *Config {
	if c.unnarrowed != nil {
		return c.unnarrowed
	}
	return c
}

// selectRoles returns the roles that fit one of the patterns, in c's order.
func (c *Config) selectRoles(patterns []string) ([]Role, error) {
	names := make([]string, len(c.Roles))
	for i, r := range c.Roles {
		names[i] = r.Name
	}
	picked, err := pick("role", patterns, names)
	return slices.DeleteFunc(slices.Clone(c.Roles), func(r Role) bool { return !slices.Contains(picked, r.Name) }), err
}

func (c *Config) selectHosts(patterns []string) ([]string, error) {
	return pick("host", patterns, c.Hosts())
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
