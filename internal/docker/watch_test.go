package docker

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// shelled runs shell text with the functions of this package and a program docker. The time is that of the
// variable clock, which only pause moves.
func shelled(t *testing.T, docker, text string) (status int, said string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/docker", []byte("#!/bin/sh\n"+docker+"\n"), 0o755); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	const stubs = "status_unwell=73 status_gave_up=75 clock=1000\ndate() { echo $clock; }\npause() { clock=$((clock + 1)); }\n"
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Functions.Text()+stubs+text)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "DIR="+dir)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), strings.TrimSpace(string(out))
}

func TestWatchUp_looks_once_a_second_until_the_time_is_over(t *testing.T) {
	t.Parallel()
	const states = `case $* in
		*Status*) echo >>"$DIR/asked"; [ "$(wc -l <"$DIR/asked")" -lt "$ENDS" ] && echo running - 0 0 || echo exited - 9 0 ;;
		esac`
	for _, tt := range []struct {
		name, ends, text string
		status           int
		says             string
	}{
		{"it stays up", "100", `watch_up 5 web && wc -l <"$DIR/asked"`, 0, "10"}, // still_up looks twice
		{"it ends", "4", "watch_up 5 web", 73, "container web ended with exit status 9"},
		{"told to give up", "100", "pause() { return 1; }; watch_up 5 web", 75, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, said := shelled(t, states, "ENDS="+tt.ends+"; export ENDS; "+tt.text)
			if status != tt.status || !strings.Contains(said, tt.says) {
				t.Errorf("status %d, said %q", status, said)
			}
		})
	}
}

func TestPortsTaken_names_the_containers_and_fails(t *testing.T) {
	t.Parallel()
	const docker = `case $* in *publish=80\ *) ;; *publish=443\ *) echo container other ;; esac`
	status, said := shelled(t, docker, "ports_taken 80 443")
	if want := "port 443 of the host is taken by container other: stop it, or choose another port"; status != 1 || said != want {
		t.Errorf("status %d, said %q, want %q", status, said, want)
	}
}
