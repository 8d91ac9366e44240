package deploy

import (
	"slices"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/prune"
)

// Behind returns the version that was brought up last, and the hosts with a role that does not run it. It is that of the
// running container that was created last, of those that were healthy; it is "" if none runs. So after a rollback without
// a host it is the version that the others went back to, however few they are.
func Behind(c *config.Scope, all map[string]facts.Host) (version string, hosts []string) {
	var newest facts.Container
	for _, host := range c.AppHosts() {
		for _, role := range c.RolesOn(host) {
			for _, k := range app.Running(all[host], role.Name) {
				if tag.MatchString(k.Version) && prune.WasHealthy(c.Project, k) && k.Created.After(newest.Created) {
					newest = k
				}
			}
		}
	}
	if newest.Version == "" {
		return "", nil
	}
	for _, host := range c.AppHosts() {
		lags := func(role config.Role) bool { return RunningVersion(c, all[host], role) != newest.Version }
		if slices.ContainsFunc(c.RolesOn(host), lags) {
			hosts = append(hosts, host)
		}
	}
	return newest.Version, hosts
}
