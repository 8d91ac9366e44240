//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/lab"
)

// former makes the hosts what Kamal leaves: an app's container on the network kamal, and in front
// of it a proxy that holds the ports. The stand-in for kamal-proxy is a Traefik, so that requests
// come through it as they do there.
func former(t *testing.T, service string) {
	t.Helper()
	const route = `{"http":{"routers":{"a":{"rule":"PathPrefix(\"/\")","service":"a"}},"services":{"a":{"loadBalancer":{"servers":[{"url":"http://app"}]}}}}}`
	setUp := fmt.Sprintf(`set -e
docker network create kamal >/dev/null 2>&1 || true
docker pull -q registry:5000/sample >/dev/null; docker pull -q registry:5000/traefik:v3.6 >/dev/null
docker run -d --restart unless-stopped --name %[1]s-web-zero --network kamal --network-alias app \
  --label service=%[1]s --label role=web --label destination= --env VERSION=zero --env TERM_MODE=rude registry:5000/sample
docker run -d --restart unless-stopped --name kamal-proxy --network kamal --publish 80:80 --publish 443:443 --entrypoint sh registry:5000/traefik:v3.6 \
  -c 'printf %%s "$1" >/r.yml; exec traefik --providers.file.filename=/r.yml --entrypoints.http.address=:80 --entrypoints.https.address=:443' - '%[2]s'`,
		service, strings.ReplaceAll(route, `\"`, "`"))
	for _, h := range shared.Hosts {
		onHost(t, h, setUp)
	}
	host := service + ".example.com"
	eventually(t, "kamal-proxy serves", func() bool {
		return !slices.ContainsFunc(all, func(vm string) bool { status, _ := get(t, "http://"+vm+"/version", host); return status != "200" })
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 300 {
		if holds() {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("it never holds that " + what)
}

// proxies fails the test unless every host has just these containers of proxies, running or not, and
// no rules of an upgrade.
func proxies(t *testing.T, want ...string) {
	t.Helper()
	for _, vm := range all {
		got := strings.Fields(onHost(t, shared.Host(vm), "docker ps -a --format '{{.Names}}' | grep proxy | sort"))
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", vm, got, want)
		}
		if rules := onHost(t, shared.Host(vm), "{ iptables -S; iptables -t nat -S; } | grep mrsk-upgrade || true"); rules != "" {
			t.Errorf("%s still leads connections past its proxy:\n%s", vm, rules)
		}
	}
}

func TestUpgrade(t *testing.T) {
	fresh(t)
	const service, host = "upgraded", "upgraded.example.com"
	former(t, service)
	p := newProject(t, map[string]string{"config/deploy.yml": config(service)})

	// A deploy that finds the ports taken says what would change that.
	p.fails(1, []string{"start the proxy", "kamal-proxy runs on this host", "mrsk upgrade"}, "deploy")

	// Another app behind the former proxy would lose its traffic.
	onHost(t, shared.Host("vm2"), "docker run -d --name blog-web-1 --network kamal --label service=blog --label role=web --label destination= registry:5000/sample")
	p.fails(1, []string{"vm2: kamal-proxy also serves blog"}, "upgrade", "-y")
	onHost(t, shared.Host("vm2"), "docker rm -f blog-web-1")

	// A host on which the new proxy does not come up: all of them go back.
	occupy(t, shared.Host("vm2"))
	r := p.fails(1, []string{"vm2", "take over from kamal-proxy", "the former one is started again"}, "upgrade", "-y")
	if strings.Contains(r.all(), "part of the undo failed") {
		t.Error("the undo failed")
	}
	proxies(t, "kamal-proxy")
	serves(t, host, "zero", all...)
	onHost(t, shared.Host("vm2"), "docker rm -f squatter")

	report := trafficOf(t, host, func() { p.must("upgrade", "-y") })
	// A connection that a client keeps may have a request on its way when the former proxy closes it,
	// which is not for mrsk to change. No new connection is refused, and nothing in flight cut.
	if kept := report.Kinds["kept"]; report.Lost > kept.Lost || kept.Lost > kept.Total/100 {
		t.Errorf("%d requests lost, %d of them on kept connections", report.Lost, kept.Lost)
	}
	proxies(t, "mrsk-proxy")
	serves(t, host, "zero", all...)
	p.must("upgrade", "-y")

	underTraffic(t, host, func() { p.must("deploy") })
	serves(t, host, "first", all...)
	for _, vm := range all {
		if left := containers(t, shared.Host(vm), "name="+service+"-web-zero"); len(left) > 0 {
			t.Errorf("%s still runs %v", vm, left)
		}
	}
	proxies(t, "mrsk-proxy")
}

// One host after the other there is always one that answers, also for a user who may not lead new
// connections past the change.
func TestUpgrade_rolling(t *testing.T) {
	fresh(t)
	former(t, "rolled")
	p := newProject(t, map[string]string{
		"config/deploy.yml":            config("rolled", "ssh:\n  user: deploy"),
		".mrsk/hooks/pre-proxy-reboot": "#!/bin/sh\necho $MRSK_HOSTS >>/tmp/hooks\n",
	})
	p.sh("rm -f /tmp/hooks")
	p.must("proxy", "upgrade", "--rolling", "-y")
	if got := p.sh("cat /tmp/hooks"); got != "vm1\nvm2\nvm3" {
		t.Errorf("the hook was told\n%s", got)
	}
	proxies(t, "mrsk-proxy")
	serves(t, "rolled.example.com", "zero", all...)
	p.fails(1, []string{"apps are still behind the proxy", "rolled-web-zero"}, "proxy", "remove")
	p.must("app", "stop")
	p.must("app", "start")
	serves(t, "rolled.example.com", "zero", all...)
}

// occupy makes port 443 of a host one that the former proxy does not have and the new one cannot
// get.
func occupy(t *testing.T, h *lab.Host) {
	t.Helper()
	onHost(t, h, `set -e
docker rename kamal-proxy with-both && docker stop -t 1 with-both >/dev/null
docker run -d --restart unless-stopped --name kamal-proxy --network kamal --publish 80:80 --entrypoint "$(docker inspect -f '{{index .Config.Entrypoint 0}}' with-both)" \
  registry:5000/traefik:v3.6 -c "$(docker inspect -f '{{index .Config.Cmd 1}}' with-both)" - "$(docker inspect -f '{{index .Config.Cmd 3}}' with-both)"
docker rm with-both >/dev/null
docker run -d --name squatter --publish 443:80 registry:5000/sample`)
	eventually(t, "kamal-proxy serves again", func() bool {
		status, _ := get(t, "http://"+h.Name+"/version", "upgraded.example.com")
		return status == "200"
	})
}
