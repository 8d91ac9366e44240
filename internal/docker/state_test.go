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

// A container is not blamed for a daemon that does not answer.
func TestAwaitUp_fails_as_docker_does(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n"
	if err := os.WriteFile(dir+"/docker", []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "status_unwell=73\n"+Prelude+"\nawait_up web 1 5")
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	said, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 1 || strings.TrimSpace(string(said)) != "Cannot connect to the Docker daemon" {
		t.Errorf("status %d, said\n%s", code, said)
	}
}

func TestAwaitDocker_waits_within_its_bound(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		tries string // how often docker fails before it answers
		ok    bool
	}{"at once": {"0", true}, "after a moment": {"1", true}, "never": {"99", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program := "#!/bin/sh\necho >>" + dir + "/tries\n[ \"$(wc -l <" + dir + "/tries)\" -gt " + tt.tries + " ]\n"
			if err := os.WriteFile(dir+"/docker", []byte(program), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Prelude+"\nawait_docker 2")
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			if err := cmd.Run(); (err == nil) != tt.ok {
				t.Errorf("err = %v", err)
			}
		})
	}
}
