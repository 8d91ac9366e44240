//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// makeRegistryImage gives the deployer's docker an image registry:3, which it cannot pull here,
// of the same program out of Debian's package.
const makeRegistryImage = `docker image inspect registry:3 >/dev/null 2>&1 || {
rm -rf /tmp/registry && mkdir -p /tmp/registry/etc /tmp/registry/var/lib/registry /tmp/registry/tmp && cd /tmp/registry
printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}}\nhttp: {addr: ":5000"}\n' >etc/registry.yml
for f in /usr/bin/docker-registry $(ldd /usr/bin/docker-registry | grep -o '/[^ ]*'); do mkdir -p ./$(dirname $f) && cp -L $f ./$f; done
tar -c . | docker import --change 'CMD ["/usr/bin/docker-registry", "serve", "/etc/registry.yml"]' - registry:3 >/dev/null
}`

// Without a registry section nothing has to be set up: mrsk runs one beside itself, and the hosts
// reach it through their SSH connections, which leave no port open on them.
func TestRegistry_of_mrsks_own(t *testing.T) {
	fresh(t)
	text := config("alone")
	from := strings.Index(text, "registry:\n")
	text = text[:from] + text[strings.Index(text, "builder:"):]
	p := newProject(t, map[string]string{"config/deploy.yml": strings.Replace(text, "image: alone\n", "", 1)})
	p.sh(makeRegistryImage)
	p.must("deploy")
	serves(t, "alone.example.com", "first", all...)
	p.commit("second")
	p.must("deploy")
	serves(t, "alone.example.com", "second", all...)
	if out := onHost(t, shared.Host("vm2"), "docker pull -q localhost:5555/alone:latest 2>&1 || true"); !strings.Contains(out, "refused") {
		t.Errorf("the registry can still be reached from vm2: %s", out)
	}
	p.fails(2, []string{"nobody logs in", "mrsk registry setup"}, "registry", "login")

	p.must("registry", "remove")
	if left := p.sh("docker ps -aq --filter name=mrsk-registry; docker volume ls -q --filter name=mrsk-registry"); left != "" {
		t.Errorf("the registry is still there: %s", left)
	}
	p.must("registry", "remove")
	p.must("registry", "setup")
	p.must("registry", "setup")
	if running := p.sh("docker ps --filter name=mrsk-registry-5555 --format '{{.Names}}'"); running != "mrsk-registry-5555" {
		t.Errorf("running: %s", running)
	}
	p.must("registry", "remove")
}
