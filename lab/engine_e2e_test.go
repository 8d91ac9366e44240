//go:build e2e

package lab

import (
	"strings"
	"testing"
)

// What tests prove holds for the engine that they were asked to run with.
func TestLab_hosts_and_deployer_run_the_engine(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	want := string(DefaultEngine()) + "."
	for _, h := range []*Host{l.Host("vm1"), l.Deployer} {
		for _, side := range []string{"Client", "Server"} {
			if got := run(t, h, "docker", "version", "--format", "{{."+side+".Version}}"); !strings.HasPrefix(got, want) {
				t.Errorf("%s of %s has version %s, want %s", side, h.Name, got, want)
			}
		}
		store := run(t, h, "docker", "info", "--format", "{{.DriverStatus}}")
		if got := strings.Contains(store, "io.containerd.snapshotter"); got != (DefaultEngine() == Docker29) {
			t.Errorf("images of %s: %s", h.Name, store)
		}
	}
}
