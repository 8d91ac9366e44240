//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

func TestTraefik_lifecycle(t *testing.T) {
	fresh(t)
	files := map[string]string{"config/deploy.yml": config("proxied", "servers:\n  web:\n    hosts: [vm1, vm2]")}
	for _, name := range []string{"pre-proxy-reboot", "post-traefik-reboot"} {
		files[".mrsk/hooks/"+name] = "#!/bin/sh\necho " + name + " $MRSK_HOSTS >>/tmp/hooks\n"
	}
	p := newProject(t, files)
	runs := func(want bool) {
		t.Helper()
		for _, vm := range []string{"vm1", "vm2"} {
			if found := len(containers(t, shared.Host(vm), "name=^mrsk-proxy$")) == 1; found != want {
				t.Errorf("%s: the proxy runs: %t, want %t", vm, found, want)
			}
		}
	}
	rebooted := func(want string, args ...string) {
		t.Helper()
		p.sh("rm -f /tmp/hooks")
		before := onHost(t, shared.Host("vm1"), "docker inspect -f '{{.Id}}' mrsk-proxy")
		p.must(args...)
		runs(true)
		if got := p.sh("cat /tmp/hooks"); got != want {
			t.Errorf("%v ran the hooks\n%s\nwant\n%s", args, got, want)
		}
		if before == onHost(t, shared.Host("vm1"), "docker inspect -f '{{.Id}}' mrsk-proxy") {
			t.Error("the container is the same as before")
		}
	}

	p.fails(1, []string{"there is no proxy", "mrsk proxy boot"}, "proxy", "start")
	p.must("proxy", "boot")
	runs(true)
	if status, _ := get(t, "http://vm1/", "nobody.example.com"); status != "502" {
		t.Errorf("the catch-all says %s", status)
	}
	p.must("traefik", "boot")
	p.must("deploy")
	rebooted("pre-proxy-reboot vm1,vm2\npost-traefik-reboot vm1,vm2", "proxy", "reboot", "-y")
	serves(t, "proxied.example.com", "first", "vm1", "vm2")
	rebooted("pre-proxy-reboot vm1\npost-traefik-reboot vm1\npre-proxy-reboot vm2\npost-traefik-reboot vm2", "proxy", "reboot", "--rolling", "-y")
	serves(t, "proxied.example.com", "first", "vm1", "vm2")
	p.fails(1, []string{"add -y"}, "proxy", "reboot")

	p.must("proxy", "stop")
	runs(false)
	p.must("proxy", "boot")
	runs(true)
	p.must("proxy", "stop")
	p.must("proxy", "start")
	p.must("proxy", "restart")
	runs(true)
	serves(t, "proxied.example.com", "first", "vm1", "vm2")

	if r := p.must("proxy", "logs", "--grep", "Traefik version"); strings.Count(r.stdout, "Proxy Host: ") != 2 || !strings.Contains(r.stdout, "raefik version") {
		t.Errorf("proxy logs prints\n%s", r.stdout)
	}
	if r := p.must("proxy", "details"); !strings.Contains(r.stdout, "route proxied.web") {
		t.Errorf("proxy details prints\n%s", r.stdout)
	}
	p.fails(1, []string{"apps are still behind the proxy", "proxied-web-"}, "proxy", "remove")
	runs(true)
	p.must("app", "remove")
	p.must("proxy", "remove")
	runs(false)
	p.must("proxy", "remove")
}
