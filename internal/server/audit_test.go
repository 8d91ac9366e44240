package server

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

func TestReadAudit_reads_what_audit_wrote(t *testing.T) {
	t.Parallel()
	for destination, text := range map[string]string{
		"":        "[2026-01-02T03:04:05Z] [ann@laptop's] [web] Booted app version v1 (app boot, version v1, run 0123abcd, 12 s)\n",
		"staging": "[2026-01-02T03:04:05Z] [ann@laptop's] [staging] [web] Booted app version v1 (app boot, version v1, run 0123abcd, 12 s)\n",
	} {
		got := readAll(t, destination, text+"garbage\n[now] [ann] x\n")
		want := []facts.Audit{{
			At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Who: "ann@laptop's", Role: "web", Text: "Booted app version v1", Kind: facts.AuditBooted,
			Command: "app boot", Version: "v1", Run: "0123abcd", Took: 12 * time.Second,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("destination %q: -want +got:\n%s", destination, diff)
		}
	}
	for text, want := range map[string]facts.Audit{
		"Locked":                                      {Text: "Locked"},
		"Undone (undone, failed)":                     {Text: "Undone (undone, failed)", Kind: facts.AuditUndone, Complete: true, Reason: "failed"},
		"Undone (broken, lost)":                       {Text: "Undone (broken, lost)", Kind: facts.AuditUndone, Reason: "lost"},
		"Executed echo (a, 12 s)":                     {Text: "Executed echo (a, 12 s)"},
		"Proxy: boot (proxy boot, run 0123abcd, 1 s)": {Text: "Proxy: boot", Command: "proxy boot", Run: "0123abcd", Took: time.Second},
	} {
		want.At, want.Who = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "ann"
		if diff := cmp.Diff([]facts.Audit{want}, readAll(t, "", "[2026-01-02T03:04:05Z] [ann] "+text+"\n")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
}

func TestSplitAudit_finds_the_time_of_lines_that_mrsk_wrote(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for line, want := range map[string]struct {
		at   time.Time
		text string
	}{
		"[2026-01-02T03:04:05Z] [ann] [web] Booted app version v1": {at, "[ann] [web] Booted app version v1"},
		"[now] [ann] x":                    {time.Time{}, "[now] [ann] x"},
		"[2026-01-02T03:04:05Z] by nobody": {time.Time{}, "[2026-01-02T03:04:05Z] by nobody"},
		"":                                 {time.Time{}, ""},
	} {
		if got, text := SplitAudit(line); !got.Equal(want.at) || text != want.text {
			t.Errorf("%q: %v, %q", line, got, text)
		}
	}
}

func readAll(t *testing.T, destination, text string) []facts.Audit {
	t.Helper()
	var h facts.Host
	c := &config.Project{Service: "shop", Destination: destination}
	if err := ReadAudit(c, func(string) []byte { return []byte(text) }, &h); err != nil {
		t.Fatal(err)
	}
	return h.Audit
}

// The run and its time on the host are read back as they were written.
func TestAuditRun_is_read_back(t *testing.T) {
	t.Parallel()
	c := (&config.Project{Service: "shop"}).All().Project
	for command, want := range map[string]facts.Audit{
		"rollback": {Command: "rollback", Version: "v1"},
		"app stop": {Command: "app stop"},
		"app boot": {Command: "app boot", Version: "v1"},
	} {
		write := AuditRun(command, want.Version, "secret token") + Audit("web", "Did it").Run.Then(AuditUndone()).Wire().Reveal()
		out, err := onHost(t, t.TempDir(), c, "set -- undone failed\n"+write+"\n"+ObserveAudit(c, 5)[0].Run.Wire().Reveal())
		got := readAll(t, "", out)
		if err != nil || len(got) != 2 || got[1].Text != "Undone (undone, failed)" {
			t.Fatalf("%s: %v, %+v\n%s", command, err, got, out)
		}
		if g := got[0]; g.Text != "Did it" || g.Role != "web" || g.Command != want.Command || g.Version != want.Version || len(g.Run) != 8 || g.Run != got[1].Run {
			t.Errorf("%s: %+v", command, g)
		}
	}
}

func TestReadDisk(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]facts.Disk{
		"/dev/sda1   1000 900 100 90% /\n":               {Total: 1000 << 10, Free: 100 << 10},
		"//nas/a share 1  2000 900 1100 45% /srv/docker": {Total: 2000 << 10, Free: 1100 << 10},
		"":                                {},
		"Filesystem 1024-blocks":          {},
		"x 99999999999999999999 1 1 1% /": {},
	} {
		var h facts.Host
		if err := ReadDisk(func(string) []byte { return []byte(text) }, &h); err != nil || h.Disk != want {
			t.Errorf("%q: %+v, %v", text, h.Disk, err)
		}
	}
}
