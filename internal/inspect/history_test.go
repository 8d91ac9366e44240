package inspect

import (
	"strings"
	"testing"
	"time"

	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

func TestHistory_is_one_list_of_all_hosts(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	first := facts.Audit{At: at(0), Who: "ann", Role: "web", Kind: facts.AuditBooted, Version: "v1"}
	worker := facts.Audit{At: at(1), Who: "ann", Role: "workers", Kind: facts.AuditBooted, Version: "v1"}
	again := facts.Audit{At: at(30), Who: "ann", Role: "web", Kind: facts.AuditBooted, Version: "v1"}
	second := facts.Audit{At: at(60), Who: "bob", Role: "web", Kind: facts.AuditBooted, Command: "deploy", Version: "v2", Run: "aa", Took: 12 * time.Second}
	failed := facts.Audit{At: at(70), Who: "bob", Kind: facts.AuditUndone, Complete: true, Reason: "failed", Command: "deploy", Version: "v3", Run: "bb", Took: 31 * time.Second}
	ordered := facts.Audit{At: at(71), Who: "bob", Kind: facts.AuditUndone, Complete: true, Reason: "ordered", Command: "deploy", Version: "v3", Run: "bb", Took: 32 * time.Second}
	back := facts.Audit{At: at(80), Who: "bob", Role: "web", Kind: facts.AuditBooted, Command: "rollback", Version: "v1", Run: "cc", Took: 9 * time.Second}
	lost := facts.Audit{At: at(81), Who: "bob", Kind: facts.AuditUndone, Complete: true, Reason: "lost", Command: "rollback", Version: "v1", Run: "cc", Took: 50 * time.Second}
	broken := facts.Audit{At: at(90), Who: "eve\x1b[2J", Kind: facts.AuditUndone, Reason: "silent", Command: "deploy", Version: "v4", Run: "dd", Took: time.Minute}
	history := HistoryOf([]facts.Host{
		{Name: "vm1", Audit: []facts.Audit{first, {At: at(2), Who: "ann", Text: "Executed ls"}, worker, again, second, ordered, back, broken}},
		{Name: "vm2", Audit: []facts.Audit{first, second, failed, lost}},
		{Name: "vm3"},
	})
	text, err := JSON(history)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/history.golden", history.Text()+"\n"+history.Last(1).Text()+"\n"+HistoryOf(nil).Text()+"\n"+string(text))
}

// Lines of the audit logs become runs: with an identifier by it, without one by who, version and time.
func TestHistory_tells_runs_apart(t *testing.T) {
	t.Parallel()
	booted := func(minute int, who, version, run string) facts.Audit {
		return facts.Audit{At: noon.Add(time.Duration(minute) * time.Minute), Who: who, Kind: facts.AuditBooted, Version: version, Run: run}
	}
	undone := func(minute int, reason string, complete bool) facts.Audit {
		return facts.Audit{At: noon.Add(time.Duration(minute) * time.Minute), Who: "ann", Kind: facts.AuditUndone, Version: "v1", Run: "aa", Reason: reason, Complete: complete}
	}
	for name, tt := range map[string]struct {
		one, two []facts.Audit
		want     string
	}{
		"two hosts":                   {[]facts.Audit{booted(0, "ann", "v1", "")}, []facts.Audit{booted(9, "ann", "v1", "")}, "v1 done vm1, vm2"},
		"too far apart":               {[]facts.Audit{booted(0, "ann", "v1", "")}, []facts.Audit{booted(10, "ann", "v1", "")}, "v1 done vm2; v1 done vm1"},
		"two people":                  {[]facts.Audit{booted(0, "ann", "v1", "")}, []facts.Audit{booted(1, "bob", "v1", "")}, "v1 done vm2; v1 done vm1"},
		"two versions":                {[]facts.Audit{booted(0, "ann", "v1", "")}, []facts.Audit{booted(1, "ann", "v2", "")}, "v2 done vm2; v1 done vm1"},
		"one run that took long":      {[]facts.Audit{booted(0, "ann", "v1", "aa")}, []facts.Audit{booted(99, "ann", "v1", "aa")}, "v1 done vm1, vm2"},
		"two runs at once":            {[]facts.Audit{booted(0, "ann", "v1", "aa")}, []facts.Audit{booted(0, "ann", "v1", "bb")}, "v1 done vm2; v1 done vm1"},
		"a run and an older line":     {[]facts.Audit{booted(0, "ann", "v1", "")}, []facts.Audit{booted(1, "ann", "v1", "aa")}, "v1 done vm2; v1 done vm1"},
		"the second host wrote first": {[]facts.Audit{booted(5, "ann", "v1", "aa")}, []facts.Audit{booted(1, "ann", "v1", "aa")}, "v1 done vm1, vm2"},
		"all went back":               {[]facts.Audit{undone(1, "ordered", true)}, []facts.Audit{undone(2, "failed", true)}, "v1 failed, undone vm1, vm2"},
		"the cause wins":              {[]facts.Audit{undone(1, "failed", true)}, []facts.Audit{undone(2, "ordered", true)}, "v1 failed, undone vm1, vm2"},
		"an undo failed":              {[]facts.Audit{undone(1, "failed", false)}, []facts.Audit{undone(2, "ordered", true)}, "v1 failed, broken vm1, vm2"},
		"only one went back":          {[]facts.Audit{booted(1, "ann", "v1", "aa")}, []facts.Audit{undone(2, "lost", true)}, "v1 connection lost, broken vm1; undone on vm2"},
		"a reason of a newer mrsk":    {[]facts.Audit{undone(1, "moonlight", true)}, nil, "v1 undone vm1"},
		"lines that are about no run": {[]facts.Audit{{At: noon, Who: "ann", Text: "Executed ls"}}, nil, ""},
	} {
		var got []string
		for _, r := range HistoryOf([]facts.Host{{Name: "vm1", Audit: tt.one}, {Name: "vm2", Audit: tt.two}}).Runs {
			got = append(got, r.Version+" "+r.outcome()+" "+r.hosts())
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
