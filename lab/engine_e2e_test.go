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
	for h, engine := range map[*Host]Engine{l.Host("vm1"): DefaultEngine(), l.Deployer: DefaultEngine().deployer()} {
		for _, side := range []string{"Client", "Server"} {
			if got := run(t, h, "docker", "version", "--format", "{{."+side+".Version}}"); !strings.HasPrefix(got, string(engine)+".") {
				t.Errorf("%s of %s has version %s, want %s", side, h.Name, got, engine)
			}
		}
		store := run(t, h, "docker", "info", "--format", "{{.DriverStatus}}")
		if got := strings.Contains(store, "io.containerd.snapshotter"); got != (engine == Docker29) {
			t.Errorf("images of %s: %s", h.Name, store)
		}
	}
}
