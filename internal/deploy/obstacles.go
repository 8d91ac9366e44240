package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
)

// obstacles are all reasons for which the rollout cannot succeed.
func (r Request) obstacles() error {
	var errs []error
	for _, host := range r.Scope.AppHosts() {
		errs = append(errs, r.hostObstacles(host)...)
	}
	for _, role := range r.Scope.Roles {
		for _, h := range role.Hosts {
			errs = append(errs, docker.CheckEnv(r.Secrets.Env(role.EnvOn(h.Name)))...)
		}
	}
	errs = append(errs, r.MissingImage())
	return errors.Join(compact(errs)...)
}

func (r Request) hostObstacles(host string) []error {
	h := r.Facts[host]
	errs := append(missing(host, h), unfit(host, h)...)
	if serves(r.Scope, host) {
		errs = append(errs, r.settings(host).CheckEnv()...)
	}
	for _, b := range r.bootsOn(host) {
		if b.route != nil {
			to := ofRole(b.boot.Role, *b.route)
			errs = append(errs, append(to.taken(r.Scope, h, changing(r.Scope, h)), to.obstacles(host)...)...)
		}
	}
	return errs
}

// missing is what a host has not got for any change.
func missing(host string, h facts.Host) []error {
	if len(h.Missing) == 0 {
		return nil
	}
	return []error{fmt.Errorf("%s: the host lacks %s", host, strings.Join(h.Missing, ", "))}
}

// unfit is what the proxy of a host has not got to probe and to lead requests.
func unfit(host string, h facts.Host) []error {
	if len(h.Proxy.Lacks) == 0 {
		return nil
	}
	return []error{fmt.Errorf("%s: the proxy's image lacks %s", host, strings.Join(h.Proxy.Lacks, ", "))}
}

// routed is something that is to be behind the proxy.
type routed struct {
	what    string
	route   traefik.Route
	options []config.Option
	without string // how to do without the proxy
}

func ofRole(role config.Role, route traefik.Route) routed {
	return routed{"role " + role.Name, route, role.Options, "set proxy: false"}
}

func ofAccessory(a config.Accessory, route traefik.Route) routed {
	return routed{"accessory " + a.Name, route, a.Options, "leave its proxy section out"}
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
	Host, What string
	File       string   // of the other route
	Owner      string   // of that
	Common     []string // what both are for
}

func (e *RouteTakenError) Error() string {
	return fmt.Sprintf("%s: %s has the same route as %s, which %s serves already", e.Host, e.What, e.File, e.Owner)
}

// Hint says what both are for, and what can be done.
func (e *RouteTakenError) Hint() string {
	todo := "use another host or path_prefix, or remove the other route first"
	byAccessory := strings.HasPrefix(e.What, "accessory ")
	switch {
	case byAccessory && strings.HasPrefix(e.Owner, "role "):
		todo = "run mrsk deploy first; if the accessory has the role's new route, run mrsk accessory stop before that"
	case strings.HasPrefix(e.Owner, "role "):
		todo = "change both in one run, without --roles"
	case strings.HasPrefix(e.Owner, "accessory "):
		todo = "run mrsk accessory reboot for the accessory first"
	}
	return fmt.Sprintf("both are for %s: %s", config.Few(e.Common), todo)
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
func ownerOf(c *config.Project, h facts.Host, file string) string {
	for _, role := range append(slices.Clone(c.Roles), former(c, h)...) {
		if traefik.OfRole(c, role.Name).File() == file {
			return "role " + role.Name
		}
	}
	for _, a := range c.Accessories {
		if traefik.OfAccessory(a).File() == file {
			return "accessory " + a.Name
		}
	}
	return "another app"
}

// changing are the route files of a host that a rollout writes or removes: those of its roles and,
// where it covers the whole host, of roles that the configuration no longer has there.
func changing(c *config.Scope, h facts.Host) []string {
	files := routeFiles(c.Project, c.RolesOn(h.Name))
	if all(c, h.Name) {
		files = append(files, routeFiles(c.Project, former(c.Project, h))...)
	}
	return files
}

func routeFiles(c *config.Project, roles []config.Role) []string {
	var files []string
	for _, role := range roles {
		files = append(files, traefik.OfRole(c, role.Name).File())
	}
	return files
}

// compact leaves out what is nil or was said before.
func compact(errs []error) []error {
	var out []error
	for _, err := range errs {
		said := func(e error) bool { return err != nil && e.Error() == err.Error() }
		if err != nil && !slices.ContainsFunc(out, said) {
			out = append(out, err)
		}
	}
	return out
}
