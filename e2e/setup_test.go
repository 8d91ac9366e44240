//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"mrsk/lab"
)

func TestSetup_and_the_commands_round_a_deploy(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml":        config("fresh"),
		".mrsk/hooks/docker-setup": "#!/bin/sh\necho docker-setup $MRSK_HOSTS lock=$MRSK_LOCK >>/tmp/hooks\n",
	})
	p.sh("rm -f /tmp/hooks")
	p.must("remove", "-y") // where nothing is installed there is nothing to remove
	r := p.plan()
	for _, want := range []string{"create the network mrsk", "is built and pulled on vm1, vm2, vm3", "-- gate: every new container is healthy --"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the plan does not say %q", want)
		}
	}
	if left := onHost(t, shared.Host("vm1"), "docker ps -aq; docker network ls -q --filter name=^mrsk$"); left != "" {
		t.Errorf("the plan has changed vm1: %s", left)
	}
	p.must("server", "bootstrap")
	p.must("setup")
	serves(t, "fresh.example.com", "first", all...)
	if got := p.sh("cat /tmp/hooks"); got != strings.Repeat("docker-setup vm1,vm2,vm3 lock=true\n", 2)[:2*len("docker-setup vm1,vm2,vm3 lock=true\n")-1] {
		t.Errorf("hooks ran:\n%s", got)
	}

	version := p.commit("second")
	p.must("build", "push")
	p.must("build", "pull")
	p.must("deploy", "--skip-push")
	serves(t, "fresh.example.com", "second", all...)
	if r := p.must("build", "details"); !strings.Contains(r.stdout, "Builder: local") {
		t.Errorf("build details prints\n%s", r.stdout)
	}
	if r := p.must("config"); !strings.Contains(r.stdout, "version: "+version) {
		t.Errorf("config prints\n%s", r.stdout)
	}
	p.must("build", "deliver")
	// The deploy has not logged the hosts in: they do so only when a pull fails.
	for _, command := range []string{"login", "logout"} {
		p.must("registry", command)
		if out := onHost(t, shared.Host("vm1"), "cat /root/.docker/config.json"); strings.Contains(out, "registry:5000") != (command == "login") {
			t.Errorf("after registry %s docker on vm1 knows %s", command, out)
		}
	}
}

// withoutDocker takes Docker's client away from a host, and makes a program of what is to bring it
// back by the script putDockerBack. The returned function undoes both.
func withoutDocker(t *testing.T, h *lab.Host, program, script string) (undo func()) {
	t.Helper()
	onHost(t, h, "mv /usr/bin/docker /usr/bin/docker.away")
	if err := h.Write(t.Context(), program, 0o755, []byte("#!/bin/sh\n"+script+"\n")); err != nil {
		t.Fatal(err)
	}
	return func() { onHost(t, h, "rm -f "+program+"; [ ! -e /usr/bin/docker.away ] || "+putDockerBack) }
}

const putDockerBack = "mv /usr/bin/docker.away /usr/bin/docker"

// A host without Docker gets it, and is deployed to by the same command. What the installer would
// fetch from the network is a script that puts Docker's client back.
func TestSetup_of_a_bare_host(t *testing.T) {
	fresh(t)
	bare := shared.Host("vm3")
	defer withoutDocker(t, bare, "/usr/local/bin/curl", "echo "+putDockerBack)()
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("bare", "servers:\n  web:\n    hosts: [vm2, vm3]"),
	})
	p.must("server", "bootstrap", "--hosts", "vm2")
	onHost(t, bare, "! command -v docker")
	p.must("setup")
	serves(t, "bare.example.com", "first", "vm2", "vm3")
}

// A host like Alpine, whose shell is busybox, has a package instead. The package manager is a script
// that puts Docker's client back.
func TestBootstrap_of_a_host_like_Alpine(t *testing.T) {
	fresh(t)
	alpine := shared.Host("vm3")
	defer withoutDocker(t, alpine, "/usr/local/bin/apk", `[ "$*" = "add docker" ] && `+putDockerBack)()
	p := newProject(t, map[string]string{"config/deploy.yml": config("alpine", "servers: [vm3]")})
	p.must("server", "bootstrap")
	onHost(t, alpine, "docker version")
}
