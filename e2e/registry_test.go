//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"sync"
	"testing"
)

// imageCache is where mrsk keeps images on the deployer.
const imageCache = "/root/.cache/mrsk/images"

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

// A disk loses bits. Whatever part of an image is damaged, it reaches no host, and is made again.
func TestRegistry_heals_a_damaged_cache(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone")})
	p.must("deploy")
	p.sh("cd " + imageCache + "/blobs/sha256 && for blob in *; do dd if=/dev/zero of=$blob bs=4 count=1 conv=notrunc status=none; done")
	fresh(t)
	p.fails(1, []string{"is not in the image cache of this machine", "run mrsk build push here"}, "deploy", "--skip-push")
	p.must("build", "push")
	p.sh("cd " + imageCache + "/blobs/sha256 && for blob in *; do dd if=/dev/zero of=$blob bs=4 count=1 conv=notrunc status=none; done")
	if r := p.must("deploy"); !strings.Contains(r.all(), "in the cache was damaged; building it again") {
		t.Error("the deploy does not say that the cache was damaged")
	}
	serves(t, "alone.example.com", "first", all...)
	p.must("registry", "remove")
}

// Two runs use the cache, and the ports of the hosts, at the same time.
func TestRegistry_serves_two_runs_at_once(t *testing.T) {
	fresh(t)
	one := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone"), "Dockerfile": dockerfile + largeLayer})
	two := &project{t: t, dir: one.dir + "-two"}
	one.sh("rm -rf " + two.dir + " && cp -a " + one.dir + " " + two.dir)
	two.write("config/deploy.yml", withoutRegistry("other"))
	two.commit("second")
	var both sync.WaitGroup
	for _, p := range []*project{one, two} {
		both.Go(func() {
			if r := p.mrsk("deploy"); r.code != 0 {
				t.Errorf("exit %d", r.code)
			}
		})
	}
	both.Wait()
	serves(t, "alone.example.com", "first", all...)
	serves(t, "other.example.com", "second", all...)
	one.must("registry", "remove")
}

// largeLayer takes a moment to travel.
const largeLayer = "RUN head -c 50000000 /dev/urandom >/large\n"

// A run that is killed while the image travels leaves no open port, and nothing in the way of the next.
func TestRegistry_survives_a_kill(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone"), "Dockerfile": dockerfile + largeLayer})
	for _, line := range []string{"local: copy the image from docker$", "vm1: pull .*[0-9a-f]$"} {
		if !p.killAt("KILL", regexp.MustCompile(line), "deploy") {
			t.Fatalf("no line of the deploy matches %q", line)
		}
	}
	for _, h := range shared.Hosts {
		onHost(t, h, "for i in $(seq 200); do grep -q '0100007F:15B3 .* 0A ' /proc/net/tcp || exit 0; sleep 0.1; done; exit 1") // port 5555
	}
	p.must("deploy")
	serves(t, "alone.example.com", "first", all...)
	if left := p.sh("ls " + imageCache + "/work"); left != "" {
		t.Errorf("left in the cache: %s", left)
	}
	p.must("registry", "remove")
}

// restartSSH makes sshd read its configuration, and waits until it listens again.
const restartSSH = `
socket() { awk '$2 ~ /:0016$/ && $4 == "0A" { print $10 }' /proc/net/tcp; }
old=$(socket); pkill -HUP -o -x sshd
until new=$(socket) && [ -n "$new" ] && [ "$new" != "$old" ]; do sleep 0.05; done`

// With GatewayPorts the port of a run is open to the network; nobody gets in, but it is reported.
func TestRegistry_warns_of_gateway_ports(t *testing.T) {
	fresh(t)
	vm1 := shared.Host("vm1")
	const file = "/etc/ssh/sshd_config.d/0.conf"
	onHost(t, vm1, "echo GatewayPorts yes >"+file+restartSSH)
	defer onHost(t, vm1, "rm -f "+file+restartSSH)
	p := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone")})
	r := p.must("deploy")
	if !strings.Contains(r.all(), "vm1: warning: sshd opens forwarded ports to the network") || strings.Contains(r.all(), "vm2: warning: sshd") {
		t.Error("the warning is not there, or is about another host")
	}
	p.must("registry", "remove")
}

// A cache that cannot be written to fails the build, and says why.
func TestRegistry_reports_a_full_disk(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": withoutRegistry("alone"), "Dockerfile": dockerfile + largeLayer})
	p.sh("mkdir -p " + imageCache + " && mount -t tmpfs -o size=20m tmpfs " + imageCache)
	defer p.sh("umount " + imageCache)
	p.fails(1, []string{"no space left on device"}, "deploy")
}
