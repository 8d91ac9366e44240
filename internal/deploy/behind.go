package deploy

import (
	"slices"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/prune"
)

// FleetVersion returns the version that the hosts should run: the one that was brought up last. It is that of the running
// container that was created last, of those that were healthy; it is "" if none runs. Sync brings it to other hosts, and
// status compares all hosts with it.
//
// It is not the version that most hosts run. A deploy that leaves out hosts may reach only a few, and a rollback too: the
// version that was brought up last is then the one that somebody wants, and the others lag behind.
func FleetVersion(c *config.Scope, all map[string]facts.Host) string {
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
	return newest.Version
}

// Behind returns FleetVersion, and the hosts with a role that does not run it. There are none if it is "".
func Behind(c *config.Scope, all map[string]facts.Host) (version string, hosts []string) {
	version = FleetVersion(c, all)
	if version == "" {
		return "", nil
	}
	for _, host := range c.AppHosts() {
		lags := func(role config.Role) bool { return RunningVersion(c, all[host], role) != version }
		if slices.ContainsFunc(c.RolesOn(host), lags) {
			hosts = append(hosts, host)
		}
	}
	return version, hosts
}
