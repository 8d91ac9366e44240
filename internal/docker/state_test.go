package docker

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestStillUp_sees_what_became_of_a_container(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		state  string
		status int
		says   string
	}{
		"running":           {"running - 0 0", 0, ""},
		"healthy":           {"running healthy 0 0", 0, ""},
		"no longer healthy": {"running unhealthy 0 0", 73, "container web is no longer healthy"},
		"ended":             {"exited - 2 0", 73, "container web ended with exit status 2 after it had been up"},
		"restarted":         {"running - 0 1", 73, "container web ended after it had been up; docker has restarted it, count 1"},
		"unknown":           {"", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program := "#!/bin/sh\ncase $* in *Status*) echo " + tt.state + " ;; logs*) echo log ;; esac\n"
			if err := os.WriteFile(dir+"/docker", []byte(program), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "status_unwell=73\n"+Prelude+"\nstill_up web")
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			var said strings.Builder
			cmd.Stderr = &said
			_ = cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != tt.status || !strings.Contains(said.String(), tt.says) {
				t.Errorf("status %d, said\n%s", got, said.String())
			}
		})
	}
}
