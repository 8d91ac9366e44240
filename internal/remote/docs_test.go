package remote_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Whatever ssh knows of a host, docs/ssh.md says what becomes of it here.
func TestDocs_name_every_option_of_ssh(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/ssh.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("`([A-Za-z0-9]+)`").FindAllStringSubmatch(string(text), -1) {
		documented[strings.ToLower(m[1])] = true
	}
	out, err := exec.Command("ssh", "-G", "-F", "/dev/null", "host").Output()
	if err != nil {
		t.Skip("no ssh here")
	}
	for line := range strings.Lines(string(out)) {
		if key, _, _ := strings.Cut(strings.TrimSpace(line), " "); !documented[strings.ToLower(key)] {
			t.Errorf("docs/ssh.md does not have %s", key)
		}
	}
}
