package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/facts"
)

func TestRunning_folds_hosts_by_version(t *testing.T) {
	t.Parallel()
	c, seen := manyVersions(t)
	if diff := cmp.Diff([]event.Running{{Version: "c3", Hosts: []string{"vm1", "vm2"}}}, Running(c, seen)); diff != "" {
		t.Error(diff)
	}
	seen["vm1"] = facts.Host{Name: "vm1"}
	want := []event.Running{{Version: "", Hosts: []string{"vm1"}}, {Version: "c3", Hosts: []string{"vm2"}}}
	if diff := cmp.Diff(want, Running(c, seen)); diff != "" {
		t.Error(diff)
	}
}

func TestBefore_is_what_a_rollback_would_bring_back(t *testing.T) {
	t.Parallel()
	c, seen := manyVersions(t)
	for version, want := range map[string]string{
		"new": "c3", // what runs
		"c3":  "a1", // f6 was never healthy
	} {
		if got := RollbackTarget(c, seen, version); got != want {
			t.Errorf("before %s: %q", version, got)
		}
	}
	if got := RollbackTarget(c, map[string]facts.Host{}, "new"); got != "" {
		t.Errorf("on new hosts: %q", got)
	}
	lacks := seen["vm2"]
	lacks.Images = nil // and no host knows a digest to pull
	seen["vm2"] = lacks
	if got := RollbackTarget(c, seen, "new"); got != "" {
		t.Errorf("where a host lacks the images: %q", got)
	}
}
