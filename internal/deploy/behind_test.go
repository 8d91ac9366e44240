package deploy

import (
	"slices"
	"testing"
	"time"

	"mrsk/internal/facts"
)

func TestBehind_finds_hosts_with_another_version_than_the_newest_container(t *testing.T) {
	t.Parallel()
	c := load(t, "service: shop\nimage: shop\nservers:\n  web: [vm1, vm2]\n  workers: {hosts: [vm2], cmd: bin/jobs}\n")
	at := func(k facts.Container, minutes int) facts.Container {
		k.Created = time.Unix(0, 0).Add(time.Duration(minutes) * time.Minute)
		return k
	}
	kept := func(role, version string, minutes int) facts.Container {
		k := at(container(role, version, "running", 1), minutes)
		k.Restart = "unless-stopped"
		return k
	}
	failed := at(container("web", "v3", "running", 1), 9)
	failed.Restart = "no"
	for name, tt := range map[string]struct {
		one, two []facts.Container
		version  string
		hosts    []string
	}{
		"nothing runs":        {nil, nil, "", nil},
		"all the same":        {[]facts.Container{kept("web", "v1", 1)}, []facts.Container{kept("web", "v1", 2), kept("workers", "v1", 2)}, "v1", nil},
		"one is older":        {[]facts.Container{kept("web", "v2", 3)}, []facts.Container{kept("web", "v1", 1), kept("workers", "v1", 1)}, "v2", []string{"vm2"}},
		"after a rollback":    {[]facts.Container{kept("web", "v1", 3)}, []facts.Container{kept("web", "v2", 2), kept("workers", "v2", 2)}, "v1", []string{"vm2"}},
		"a role is older":     {[]facts.Container{kept("web", "v2", 3)}, []facts.Container{kept("web", "v2", 3), kept("workers", "v1", 1)}, "v2", []string{"vm2"}},
		"a host has nothing":  {nil, []facts.Container{kept("web", "v2", 3), kept("workers", "v2", 3)}, "v2", []string{"vm1"}},
		"no version":          {[]facts.Container{kept("web", "v2 --privileged", 9)}, []facts.Container{kept("web", "v1", 1), kept("workers", "v1", 1)}, "v1", []string{"vm1"}},
		"one was not healthy": {[]facts.Container{failed, kept("web", "v1", 1)}, []facts.Container{kept("web", "v1", 1), kept("workers", "v1", 1)}, "v1", []string{"vm1"}},
	} {
		seen := map[string]facts.Host{"vm1": {Name: "vm1", Containers: tt.one}, "vm2": {Name: "vm2", Containers: tt.two}}
		if got := FleetVersion(c, seen); got != tt.version {
			t.Errorf("%s: the fleet has version %q", name, got)
		}
		version, hosts := Behind(c, seen)
		if version != tt.version || !slices.Equal(hosts, tt.hosts) {
			t.Errorf("%s: %q on %v", name, version, hosts)
		}
	}
}
