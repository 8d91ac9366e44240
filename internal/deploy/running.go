package deploy

import (
	"slices"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/facts"
)

// Running returns what the hosts of the app run, the version of most hosts first. A host that runs several
// roles counts with its first one.
func Running(c *config.Scope, all map[string]facts.Host) []event.Running {
	running := []event.Running{}
	for _, host := range c.AppHosts() {
		version := versionOn(c, all[host])
		at := slices.IndexFunc(running, func(r event.Running) bool { return r.Version == version })
		if at < 0 {
			at = len(running)
			running = append(running, event.Running{Version: version})
		}
		running[at].Hosts = append(running[at].Hosts, host)
	}
	slices.SortStableFunc(running, func(a, b event.Running) int { return len(b.Hosts) - len(a.Hosts) })
	return running
}

func versionOn(c *config.Scope, h facts.Host) string {
	for _, role := range c.Roles {
		if v := RunningVersion(c, h, role); role.On(h.Name) && v != "" {
			return v
		}
	}
	return ""
}

// RollbackTarget returns the version to which a rollback from version would go: the one that runs or, if that is
// the same, the one that was healthy last. It is "" if there is none that all hosts have or can pull.
func RollbackTarget(c *config.Scope, all map[string]facts.Host, version string) string {
	for _, v := range Versions(c, all) {
		there := Request{Scope: c, Version: v.Name, Facts: all}.MissingImage() == nil
		if v.Name != version && v.Fate >= Stopped && there {
			return v.Name
		}
	}
	return ""
}
