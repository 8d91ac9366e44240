//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// locked freezes the app until the lock is released.
func locked(t *testing.T, p *project) {
	version := p.sh("cd " + p.dir + " && git rev-parse HEAD")
	if r := p.must("lock", "status"); r.stdout != "There is no lock\n" {
		t.Errorf("lock status prints %q", r.stdout)
	}
	p.fails(2, []string{"needs a message"}, "lock", "acquire")
	p.must("lock", "acquire", "-m", "Größere Arbeiten")

	r := p.must("lock", "status")
	for _, want := range []string{"Locked on vm1, vm2, vm3\n", "Größere Arbeiten", version, "deployer@example.com"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("lock status does not say %q:\n%s", want, r.stdout)
		}
	}
	var locks []struct{ Kind, Message string }
	if err := json.Unmarshal([]byte(p.must("lock", "status", "--json").stdout), &locks); err != nil || len(locks) != 1 || locks[0].Kind != "freeze" {
		t.Errorf("lock status --json: %v, %+v", err, locks)
	}
	for _, args := range [][]string{{"deploy"}, {"app", "stop"}, {"proxy", "reboot", "-y"}, {"prune", "all"}, {"lock", "acquire", "-m", "me too"}} {
		p.fails(1, []string{"Größere Arbeiten", "mrsk lock release"}, args...)
	}
	serves(t, listHost, "second", "vm1", "vm2")
	if r := p.plan(); !strings.Contains(r.stdout, "Größere Arbeiten") {
		t.Error("the plan does not say that a deploy would be refused")
	}
	p.must("lock", "release")
	p.must("lock", "release")
	if r := p.must("lock", "status", "--json"); r.stdout != "[]\n" {
		t.Errorf("lock status --json prints %q", r.stdout)
	}
	p.must("prune", "all")
	serves(t, listHost, "second", "vm1", "vm2")
}
