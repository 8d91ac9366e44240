package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
)

// obstacles are all reasons for which the rollout cannot succeed.
func (r Request) obstacles() error {
	var errs []error
	for _, host := range r.Config.AppHosts() {
		errs = append(errs, r.hostObstacles(host)...)
	}
	for _, role := range r.Config.Roles {
		for _, h := range role.Hosts {
			errs = append(errs, docker.CheckEnv(role.EnvOn(h.Name))...)
		}
	}
	errs = append(errs, r.MissingImage())
	return errors.Join(compact(errs)...)
}

func (r Request) hostObstacles(host string) []error {
	h := r.Facts[host]
	errs := append(missing(host, h), unfit(host, h)...)
	errs = append(errs, docker.CheckEnv(r.Config.ProxyRunOn(host).ACME.Env)...)
	for _, b := range r.bootsOn(host) {
		if b.route != nil {
			errs = append(errs, ofRole(b.boot.Role, *b.route).obstacles(host, h)...)
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

// obstacles are the reasons for which the proxy of a host cannot lead requests to it.
func (b routed) obstacles(host string, h facts.Host) []error {
	var errs []error
	if file := b.route.Clash(h); file != "" {
		errs = append(errs, fmt.Errorf("%s: %s has the same route as %s, which another app serves already", host, b.what, file))
	}
	if docker.HostNetwork(b.options) {
		errs = append(errs, fmt.Errorf("%s: %s uses the host's network, where the proxy cannot find it: %s", host, b.what, b.without))
	}
	return errs
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

// MissingImage tells that the version cannot be run everywhere, and which versions can.
func (r Request) MissingImage() error {
	var lacking []string
	for _, host := range r.Config.AppHosts() {
		if _, there := app.FindImage(r.Facts[host], r.Config.AbsoluteImage(r.Version)); !there {
			lacking = append(lacking, host)
		}
	}
	if len(lacking) == 0 || r.knownDigest() != "" {
		return nil
	}
	return &MissingImageError{Version: r.Version, Hosts: lacking, Possible: Versions(r.Config, r.Facts)}
}

// MissingImageError is a version that is on none of the hosts and that no host knows how to
// fetch.
type MissingImageError struct {
	Version  string
	Hosts    []string // that lack it
	Possible []string // versions that all hosts have
}

func (e *MissingImageError) Error() string {
	text := fmt.Sprintf("version %s is not on %s", e.Version, strings.Join(e.Hosts, ", "))
	return text + "; versions on all hosts: " + cmp.Or(strings.Join(e.Possible, ", "), "none")
}

// Versions returns the versions whose image all hosts of the app have, sorted.
func Versions(c *config.Config, all map[string]facts.Host) []string {
	count := map[string]int{}
	hosts := c.AppHosts()
	for _, host := range hosts {
		for _, version := range versionsOn(c, all[host]) {
			count[version]++
		}
	}
	var out []string
	for version, n := range count {
		if n == len(hosts) {
			out = append(out, version)
		}
	}
	slices.Sort(out)
	return out
}

// LastVersion is the version whose image is tagged as deployed last, "" where no host has one.
func LastVersion(c *config.Config, hosts []facts.Host) string {
	for _, h := range hosts {
		last, _ := app.FindImage(h, c.AbsoluteImage(c.LatestTag()))
		if versions := versionsOn(c, facts.Host{Images: []facts.Image{last}}); len(versions) > 0 {
			return versions[0]
		}
	}
	return ""
}

func versionsOn(c *config.Config, h facts.Host) []string {
	var out []string
	for _, i := range h.Images {
		for _, tag := range i.Tags {
			if v, ok := strings.CutPrefix(tag, c.Repository()+":"); ok && !strings.HasPrefix(v, "latest") {
				out = append(out, v)
			}
		}
	}
	return out
}
