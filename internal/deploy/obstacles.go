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
