package cli

import (
	"runtime/debug"
	"testing"
)

func TestBuildOf_says_commit_and_date(t *testing.T) {
	t.Parallel()
	info := func(settings ...string) *debug.BuildInfo {
		i := &debug.BuildInfo{}
		for n := 0; n < len(settings); n += 2 {
			i.Settings = append(i.Settings, debug.BuildSetting{Key: settings[n], Value: settings[n+1]})
		}
		return i
	}
	const commit = "3a4370ab12cd34ef3a4370ab12cd34ef3a4370ab"
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{nil, "1.2"},
		{info(), "1.2"},
		{info("vcs.revision", commit, "vcs.time", "2026-11-30T14:00:00Z", "vcs.modified", "false"), "1.2 (commit 3a4370ab12cd, 2026-11-30)"},
		{info("vcs.revision", "3a4", "vcs.time", "2026-11-30T14:00:00Z", "vcs.modified", "true"), "1.2 (commit 3a4, 2026-11-30, with changes)"},
	} {
		b := buildOf(c.info)
		b.Version = "1.2"
		if got := b.line(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	full := build{Version: "1.2", Commit: commit, Date: "2026-11-30T14:00:00Z", Go: "go1.26", Platform: "linux/amd64"}
	if got, want := full.details(), "version   1.2\ncommit    "+commit+"\ndate      2026-11-30T14:00:00Z\ngo        go1.26\nplatform  linux/amd64\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
