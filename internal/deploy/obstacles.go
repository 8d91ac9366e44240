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
	errs = append(errs, r.missingImage())
	return errors.Join(compact(errs)...)
}

func (r Request) hostObstacles(host string) []error {
	h, errs := r.Facts[host], []error(nil)
	if len(h.Missing) > 0 {
		errs = append(errs, fmt.Errorf("%s: the host lacks %s", host, strings.Join(h.Missing, ", ")))
	}
	if lacks := h.Proxy.Lacks; len(lacks) > 0 {
		errs = append(errs, fmt.Errorf("%s: the proxy's image lacks %s", host, strings.Join(lacks, ", ")))
	}
	errs = append(errs, docker.CheckEnv(r.Config.ProxyRunOn(host).ACME.Env)...)
	for _, b := range r.bootsOn(host) {
		if b.route == nil {
			continue
		}
		if file := b.route.Clash(h); file != "" {
			errs = append(errs, fmt.Errorf("%s: role %s has the same route as %s, which another app serves already", host, b.boot.Role.Name, file))
		}
		if docker.HostNetwork(b.boot.Role.Options) {
			errs = append(errs, fmt.Errorf("%s: role %s uses the host's network, where the proxy cannot find it: set proxy: false", host, b.boot.Role.Name))
		}
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

// missingImage tells that the version cannot be run everywhere, and which versions can.
func (r Request) missingImage() error {
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
