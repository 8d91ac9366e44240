package docker

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A container that docker does not start again after exit status 0 may have done its work.
func TestAwaitUp_takes_the_end_of_a_container_that_may_end(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state, args string
		ok          bool
	}{
		{"exited - 0", "once", true},
		{"exited healthy 0", "once", true},
		{"exited unhealthy 0", "once", true},
		{"exited - 1", "once", false},
		{"exited - 0", "", false},
		{"dead - 0", "once", false},
		{"running - 0", "once", true},
		{"running healthy 0", "", true},
		{"created - 0", "once", false},
	} {
		bin := t.TempDir()
		program := "#!/bin/sh\n" + `case "$*" in *State.Status*) echo "` + test.state + ` 0" ;; esac` + "\n"
		if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(program), 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Functions.Text()+"\npause() { sleep \"$1\"; }\nawait_up db 0 0 "+test.args)
		cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
		out, err := cmd.CombinedOutput()
		if ok := err == nil; ok != test.ok {
			t.Errorf("%s %s: %v\n%s", test.state, test.args, err, out)
		}
		if !test.ok && !strings.Contains(string(out), "container db") {
			t.Errorf("%s %s: says\n%s", test.state, test.args, out)
		}
	}
}

func TestToldProbe_reports_the_first_line_of_an_answer_when_it_changes(t *testing.T) {
	t.Parallel()
	script := Functions.Text() + `
report() { printf '<%s>' "$@"; echo; }
_told=''
told_probe 30 'GET /up: 503
and a page'
told_probe 30 'GET /up: 503'
told_probe 30 ''
told_probe 30 "it's %s \\n up"
`
	want := "<probed><30><GET /up: 503>\n<probed><30><>\n<probed><30><it's %s \\n up>\n"
	for _, shell := range [][]string{{"dash"}, {"bash"}, {"busybox", "sh"}} {
		path, err := exec.LookPath(shell[0])
		if err != nil {
			t.Logf("%s is not installed: the tests on real hosts have it", shell[0])
			continue
		}
		out, err := exec.CommandContext(t.Context(), path, append(shell[1:], "-c", script)...).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %v\n%s", shell[0], err, out)
		}
	}
}

func TestAwaitUp_reports_what_the_health_check_says(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	program := `#!/bin/sh
case "$*" in *State.Status*) cat "$0.state"; echo "running healthy 0 0" >"$0.state" ;; esac
`
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "docker.state"), []byte("running starting 0 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Functions.Text()+"\npause() { :; }\nreport() { printf '<%s>' \"$@\"; }\nawait_up db 0 30")
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	if want := "<probed><30><it is running, health check: starting>"; err != nil || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}
