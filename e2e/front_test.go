//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
)

// behind has the proxy without the host's ports. A Traefik of the app's own has them, and finds the
// proxy by its labels.
var behind = config("behind",
	"proxy:\n  host: behind.example.com\n  healthcheck:\n    interval: 1"+proxyRun+`
    publish: false
    options:
      label:
        - traefik.enable=true
        - traefik.http.routers.apps.rule=PathPrefix(`+"`/`"+`) && !Path(`+"`/private`"+`)
        - traefik.http.services.apps.loadbalancer.server.port=80
      sysctl: net.ipv4.ip_local_port_range=10000 60999
accessories:
  front:
    roles: [web]
    image: registry:5000/traefik:v3.7
    port: 80
    cmd: --providers.docker --providers.docker.exposedbydefault=false --entryPoints.web.address=:80
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
    options: {stop-timeout: 1}`)

func TestProxy_behind_another(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": behind})
	p.must("setup")
	eventually(t, "the Traefik in front has seen the proxy on every host", func() bool {
		return !slices.ContainsFunc(all, func(vm string) bool {
			status, _ := get(t, "http://"+vm+"/version", "behind.example.com")
			return status != "200"
		})
	})
	serves(t, "behind.example.com", "first", all...)
	if status, _ := get(t, "http://vm1/private", "behind.example.com"); status != "404" {
		t.Errorf("the rule in the label is not that of the file: /private says %s", status)
	}
	if ports := onHost(t, shared.Host("vm1"), `docker inspect -f '{{json .HostConfig.PortBindings}} {{json .HostConfig.Sysctls}}' mrsk-proxy`); !strings.HasPrefix(ports, "{}") || !strings.Contains(ports, `"10000 60999"`) {
		t.Errorf("the proxy runs with %s", ports)
	}
	p.commit("second")
	underTraffic(t, "behind.example.com", func() { p.must("deploy") })
	serves(t, "behind.example.com", "second", all...)
	p.must("remove", "-y")
	if left := onHost(t, shared.Host("vm1"), "docker ps -aq; docker volume ls -q"); left != "" {
		t.Errorf("left on vm1: %s", left)
	}
}
