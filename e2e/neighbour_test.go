//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// asMallory runs a script as a user of vm1 who may not use Docker, and returns what it prints, errors included.
func asMallory(t *testing.T, script string) string {
	t.Helper()
	return onHost(t, shared.Host("vm1"), "su mallory -s /bin/sh -c '"+script+"' 2>&1; true")
}

// Another user of a host can neither take what mrsk makes there for its own ends, nor read it, nor hold it up.
// What was made before mrsk came is refused with its name and owner, and nothing is written through it.
func TestNeighbour_on_a_host_can_do_nothing(t *testing.T) {
	fresh(t)
	vm1 := shared.Host("vm1")
	onHost(t, vm1, "useradd --create-home mallory 2>/dev/null || adduser -D mallory")
	defer onHost(t, vm1, "userdel -r mallory 2>/dev/null || deluser --remove-home mallory")
	places := "$([ -k /run/lock ] && echo /run/lock || echo /tmp)"
	onHost(t, vm1, "rm -rf "+places+"/mrsk; echo precious >/root/precious")
	p := newProject(t, map[string]string{"config/deploy.yml": config("neighbour", "servers:\n  web:\n    hosts: [vm1]")})

	for name, trap := range map[string]string{
		"a folder": "mkdir -m 777 " + places + "/mrsk",
		"a link":   "ln -s /root/precious " + places + "/mrsk",
		"a pipe":   "mkfifo -m 666 " + places + "/mrsk",
		"a file":   "echo mine >" + places + "/mrsk; chmod 666 " + places + "/mrsk",
	} {
		t.Run(name, func(t *testing.T) {
			if said := asMallory(t, trap); said != "" {
				t.Fatalf("mallory could not: %s", said)
			}
			defer onHost(t, vm1, "rm -rf "+places+"/mrsk")
			q := &project{t: t, dir: p.dir}
			q.fails(1, []string{"vm1", "/mrsk for locks: it must be a directory that only users of Docker can write to", "mallory"}, "deploy")
			if got := strings.TrimSpace(onHost(t, vm1, "cat /root/precious")); got != "precious" {
				t.Errorf("the file of root is %q", got)
			}
		})
	}

	release, done := p.deployHeldIn("pre-deploy")
	for _, script := range []string{
		"ls " + places + "/mrsk", "cat " + places + "/mrsk/*", "echo x >" + places + "/mrsk/neighbour.lease",
		"rm -r " + places + "/mrsk", "mv " + places + "/mrsk " + places + "/other",
		"flock -n " + places + "/mrsk/host true", "cat /root/.mrsk/neighbour-audit.log",
	} {
		if said := strings.ToLower(asMallory(t, script)); !strings.Contains(said, "denied") && !strings.Contains(said, "not permitted") {
			t.Errorf("mallory does %q: %q", script, said)
		}
	}
	release()
	if r := <-done; r.code != 0 {
		t.Errorf("exit %d\n%s", r.code, r.all())
	}
	serves(t, "neighbour.example.com", "first", "vm1")
}
