//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// withoutRegistry is config without sections for the registry and the builder.
func withoutRegistry(service string) string {
	text := config(service)
	from := strings.Index(text, "registry:\n")
	text = text[:from] + text[strings.Index(text, "proxy:"):]
	return strings.Replace(text, "image: "+service+"\n", "", 1)
}

// Without a registry section a deploy needs the two machines and nothing else: the image stays on
// the operator's machine, and the hosts pull it through the SSH connections.
func TestRegistry_is_not_needed(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone")})
	containers := p.sh("docker ps -aq | wc -l")
	first := p.sh("cd " + p.dir + " && git rev-parse HEAD")
	p.must("deploy")
	serves(t, "alone.example.com", "first", all...)
	p.commit("second")
	p.must("deploy")
	serves(t, "alone.example.com", "second", all...)
	p.must("rollback", first)
	serves(t, "alone.example.com", "first", all...)
	for _, h := range shared.Hosts {
		names := onHost(t, h, `docker image ls --digests --format '{{.Repository}}:{{.Tag}} {{.Digest}}' | grep alone; docker image ls -a --format '{{.Repository}}' | grep -c 127.0.0.1 || true`)
		t.Logf("%s: %s", h.Name, names)
		if strings.Contains(names, "127.0.0.1") || !strings.Contains(names, "localhost:5555/alone:"+first) {
			t.Errorf("%s has the images %s", h.Name, names)
		}
		if left := onHost(t, h, "ls -A /tmp | grep '^tmp\\.' || true"); left != "" {
			t.Errorf("%s: left in /tmp: %s", h.Name, left)
		}
	}
	if left := p.sh("docker image ls --format '{{.Repository}}' | grep -e alone -e 127.0.0.1 || true"); left != "" {
		t.Errorf("left with the deployer's docker: %s", left)
	}
	if now := p.sh("docker ps -aq | wc -l"); now != containers {
		t.Errorf("%s containers on the deployer, %s before", now, containers)
	}
	t.Log(p.must("build", "details").stdout)
	p.fails(2, []string{"there is no registry to log in to"}, "registry", "login")
	p.must("registry", "setup")
	p.must("registry", "remove")
	if left := p.sh("ls ~/.cache/mrsk/images/blobs/sha256 2>/dev/null || true"); left != "" {
		t.Errorf("left in the cache: %s", left)
	}
	p.must("registry", "remove")
}

// spy asks the port of the run for all that a registry has, as a user who has nothing to do with it.
const spy = `cat >/tmp/spy <<'END'
for i in $(seq 600); do
  for path in /v2/ /v2/alone/tags/list /v2/_catalog; do
    { exec 3<>/dev/tcp/127.0.0.1/5555 && printf 'GET %s HTTP/1.0\r\nHost: x\r\n\r\n' "$path" >&3 && timeout 2 cat <&3 | head -1; } 2>/dev/null
  done
  sleep 0.1
done
END
rm -f /tmp/spied; touch /tmp/spied; chmod 666 /tmp/spied
setsid su -s /bin/bash nobody -c 'timeout 60 bash /tmp/spy >/tmp/spied' </dev/null >/dev/null 2>&1 &`

// The port that leads to the operator's machine is open to every user of a host while it pulls.
func TestRegistry_serves_nobody_else(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone")})
	onHost(t, shared.Host("vm1"), spy)
	p.must("deploy")
	answers := onHost(t, shared.Host("vm1"), "sort /tmp/spied | uniq -c")
	if !strings.Contains(answers, " 401 ") || strings.Contains(answers, " 200 ") {
		t.Errorf("another user of vm1 was told:\n%s", answers)
	}
	p.must("registry", "remove")
}
