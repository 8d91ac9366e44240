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
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "status_unwell=73\n"+Functions.Text()+"\nstill_up web")
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
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "status_unwell=73\n"+Functions.Text()+"\nawait_up web 1 5")
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
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Functions.Text()+"\nawait_docker 2")
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			if err := cmd.Run(); (err == nil) != tt.ok {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// scripted runs text with the functions of this package and a docker of the test.
func scripted(t *testing.T, docker, text string) (said string, status int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/docker", []byte("#!/bin/sh\n"+docker+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "status_unwell=73\n"+Functions.Text()+"\n"+text)
	cmd.Env = append(os.Environ(), "DIR="+dir, "PATH="+dir+":"+os.Getenv("PATH"))
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

func TestKeep_gives_a_policy_only_to_what_still_runs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ids, states, update string
		status              int
		says                string
	}{
		"it runs":             {"echo c1", "echo running - 0 0", "echo updated", 0, "updated"},
		"it has ended":        {"echo c1", "echo exited - 2 0", "echo updated", 73, "container c1 ended with exit status 2"},
		"it was restarted":    {"echo c1", "echo running - 0 1", "echo updated", 73, "docker has restarted it, count 1"},
		"it ends just now":    {"echo c1", `[ -e "$DIR/ended" ] && echo exited - 2 0 || echo running - 0 0`, `: >"$DIR/ended"; exit 1`, 73, "ended with exit status 2"},
		"docker cannot do it": {"echo c1", "echo running - 0 0", "echo 'no room' >&2; exit 1", 1, "no room"},
		"it is gone":          {":", ":", ":", 1, "the new container is gone"},
		"docker is down":      {"exit 1", ":", ":", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docker := "case $* in ps*) " + tt.ids + " ;; *State.Status*) " + tt.states + " ;; update*) " + tt.update + " ;; logs*) echo log ;; esac"
			if said, status := scripted(t, docker, "keep mrsk.alias=m-1 always"); status != tt.status || !strings.Contains(said, tt.says) {
				t.Errorf("status %d, said\n%s", status, said)
			}
		})
	}
}

func TestKept_knows_the_policies_of_the_commit(t *testing.T) {
	t.Parallel()
	const docker = `case $* in *m-1) echo c1 ;; *m-2) echo c2 ;; *m-3) ;; *c1) echo unless-stopped ;; *c2) echo no ;; *) exit 1 ;; esac`
	for args, want := range map[string]int{
		"mrsk.alias=m-1 unless-stopped":                       0,
		"mrsk.alias=m-1 unless-stopped mrsk.alias=m-2 no":     0, // a role that is never restarted
		"mrsk.alias=m-1 always":                               1,
		"mrsk.alias=m-1 unless-stopped mrsk.alias=m-2 always": 1,
		"mrsk.alias=m-3 no":                                   1, // it is gone
	} {
		if _, status := scripted(t, docker, "kept "+args); status != want {
			t.Errorf("%s: status %d", args, status)
		}
	}
}
