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
