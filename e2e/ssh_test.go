//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The table of verdicts about hosts, with the sshd and the ssh of the lab. See docs/ssh.md.
func TestSSH_decides_as_the_ssh_program_does(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "remote.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "mrsk/internal/remote")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := shared.Deployer.Write(t.Context(), "/tmp/remote.test", 0o755, program); err != nil {
		t.Fatal(err)
	}
	out, err := shared.Deployer.Exec(t.Context(), "sh", "-c", "mkdir -p /run/sshd && SSHD=/usr/sbin/sshd /tmp/remote.test -test.v -test.run ^TestVerdict")
	if err != nil {
		t.Fatal(err)
	}
	if passed := strings.Count(out, "    --- PASS"); passed < 80 {
		t.Errorf("%d cases: %s", passed, out)
	}
}
