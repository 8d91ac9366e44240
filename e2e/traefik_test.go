//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// proxyRuns fails the test unless the proxy of every host runs, or that of none.
func proxyRuns(t *testing.T, want bool) {
	t.Helper()
	for _, vm := range all {
		if found := len(containers(t, shared.Host(vm), "name=^mrsk-proxy$")) == 1; found != want {
			t.Errorf("%s: the proxy runs: %t, want %t", vm, found, want)
		}
	}
}

func proxyBooted(t *testing.T, p *project) {
	p.must("remove", "-y") // where nothing is installed there is nothing to remove
	if status, _ := get(t, shared.URL(), listHost); status != "502" {
		t.Errorf("before the deploy the balancer says %s", status)
	}
	p.fails(1, []string{"there is no proxy", "mrsk proxy boot"}, "proxy", "start")
	p.must("proxy", "boot", "--hosts", "vm1,vm2")
	if status, _ := get(t, "http://vm1/", "nobody.example.com"); status != "502" {
		t.Errorf("the catch-all says %s", status)
	}
	p.must("traefik", "boot")
	p.must("proxy", "remove")
	p.must("proxy", "remove")
	proxyRuns(t, false)
}

func rebootedAndStopped(t *testing.T, p *project) {
	rebooted := func(want string, args ...string) {
		t.Helper()
		p.sh("rm -f /tmp/hooks")
		before := onHost(t, shared.Host("vm1"), "docker inspect -f '{{.Id}}' mrsk-proxy")
		p.must(args...)
		if got := p.sh(`grep -v ^pre-connect /tmp/hooks | sed 's/ v=[^ ]*//; s/ service=.*//'`); got != want {
			t.Errorf("%v ran the hooks\n%s\nwant\n%s", args, got, want)
		}
		if before == onHost(t, shared.Host("vm1"), "docker inspect -f '{{.Id}}' mrsk-proxy") {
			t.Error("the container is the same as before")
		}
		serves(t, listHost, "first", "vm1", "vm2")
	}
	round := func(hosts string) string {
		return "pre-proxy-reboot hosts=" + hosts + "\npost-traefik-reboot hosts=" + hosts
	}
	rebooted(round("vm1,vm2"), "proxy", "reboot", "-y")
	rebooted(round("vm1")+"\n"+round("vm2"), "proxy", "reboot", "--rolling", "-y")
	p.fails(1, []string{"add -y"}, "proxy", "reboot")
	for _, change := range []string{"boot", "start"} {
		p.must("proxy", "stop")
		if names := containers(t, shared.Host("vm2"), "name=^mrsk-proxy$"); len(names) > 0 {
			t.Error("the proxy still runs")
		}
		p.must("proxy", change)
	}
	p.must("proxy", "restart")
	serves(t, listHost, "first", "vm1", "vm2")
	if r := p.must("proxy", "logs", "--grep", "Traefik version"); strings.Count(r.stdout, "Proxy Host: ") != 2 || !strings.Contains(r.stdout, "raefik version") {
		t.Errorf("proxy logs prints\n%s", r.stdout)
	}
	if r := p.must("proxy", "details"); !strings.Contains(r.stdout, "route list.web") {
		t.Errorf("proxy details prints\n%s", r.stdout)
	}
}
