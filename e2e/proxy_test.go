//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// A route that buffers holds uploads back before it asks the app: a deploy waits for them, too.
func TestTraffic_through_a_buffer_is_not_lost(t *testing.T) {
	long(t)
	fresh(t)
	const host = "buffered.example.com"
	section := "proxy:\n  host: " + host + "\n  buffering:\n    max_request_body: 1000000\n    memory: 1000" + proxyRun
	p := newProject(t, map[string]string{"config/deploy.yml": config("buffered", section, withEnv("TERM_MODE: rude"))})
	p.must("deploy")
	underTraffic(t, host, func() {
		p.commit("second")
		p.must("deploy")
		p.write("config/deploy.yml", config("buffered", section, withEnv("UNHEALTHY_FOR: forever", "TERM_MODE: rude"), "deploy_timeout: 4"))
		p.fails(1, []string{"did not become healthy"}, "redeploy")
	})
	serves(t, host, "second", all...)
	if status := p.sh("head -c 1000001 /dev/zero | curl -s -o /dev/null -w '%{http_code}' -H 'Host: " + host + "' --data-binary @- http://vm1/upload"); status != "413" {
		t.Errorf("too large an upload gets %s", status)
	}
}

// The access log has the headers that any app of the host asks for, whoever starts the proxy.
func TestProxy_logs_and_metrics(t *testing.T) {
	fresh(t)
	run := proxyRun + "\n    metrics_port: 9394"
	p := newProject(t, map[string]string{"config/deploy.yml": config("logged",
		"servers:\n  web:\n    hosts: [vm1]", "proxy:\n  host: logged.example.com\n  logging:\n    request_headers: [X-Id]"+run)})
	q := sibling(p, "other", map[string]string{"config/deploy.yml": config("silent",
		"servers:\n  web:\n    hosts: [vm1]", "proxy:\n  host: silent.example.com\n  logging:\n    response_headers: [X-Version]"+run)})
	p.must("deploy")
	if r := q.must("deploy"); !strings.Contains(r.stderr, "`mrsk proxy reboot` applies it") {
		t.Errorf("it does not say that a reboot is due:\n%s", r.stderr)
	}
	if r := q.must("proxy", "reboot", "-y"); r.code != 0 {
		t.Fatal("no reboot")
	}
	p.sh("curl -s -H 'Host: logged.example.com' -H 'X-Id: abc' -H 'Cookie: secret' http://vm1/version")
	log := p.must("proxy", "logs", "-T", "-q", "--grep", "logged.example.com").stdout
	var entry map[string]any
	for line := range strings.Lines(log) {
		if json.Unmarshal([]byte(line), &entry) == nil {
			break
		}
	}
	if entry["request_X-Id"] != "abc" || entry["downstream_X-Version"] != "first" || strings.Contains(log, "secret") {
		t.Errorf("the log has %v in\n%s", entry, log)
	}
	if r := p.must("deploy"); strings.Contains(r.stderr, "proxy reboot") {
		t.Errorf("the proxy still differs:\n%s", r.stderr)
	}
	metrics := onHost(t, shared.Host("vm1"), `docker run --rm --network mrsk --entrypoint sh "$(docker inspect -f '{{.Image}}' mrsk-proxy)" -c 'wget -qO- http://mrsk-proxy:9394/metrics'`)
	if !strings.Contains(metrics, "traefik_entrypoint_requests_total") {
		t.Errorf("the metrics are\n%.500s", metrics)
	}
}

// A proxy that cannot start says what has its port, and leaves nothing behind that would keep a later
// deploy from serving. One that runs without its network, as Docker 29 may start it then, and one that
// never started, are replaced.
func TestProxy_that_could_not_start_is_put_right(t *testing.T) {
	fresh(t)
	vm1 := shared.Host("vm1")
	p := newProject(t, map[string]string{"config/deploy.yml": config("ports", "servers:\n  web:\n    hosts: [vm1]")})
	onHost(t, vm1, "docker run -d --name squatter -p 80:80 registry:5000/busybox sleep 600")
	p.fails(1, []string{"vm1", "port 80 of the host is taken by container squatter: stop it"}, "deploy")
	if left := onHost(t, vm1, "docker rm -f squatter >/dev/null; docker ps -aq --filter name=mrsk-proxy"); left != "" {
		t.Errorf("the container %s is left", left)
	}
	onHost(t, vm1, "setsid busybox nc -l -p 80 </dev/null >/dev/null 2>&1 & echo $! >/tmp/squatter; until grep -q ':0050 .* 0A ' /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done")
	defer onHost(t, vm1, "kill $(cat /tmp/squatter) 2>/dev/null || true")
	p.fails(1, []string{"port 80 of the host is taken by busybox (process "}, "proxy", "boot")
	onHost(t, vm1, "kill $(cat /tmp/squatter)")
	p.must("deploy")
	serves(t, "ports.example.com", "first", "vm1")

	onHost(t, vm1, "docker network disconnect mrsk mrsk-proxy")
	if r := p.must("proxy", "details"); !strings.Contains(r.all(), "without the network mrsk") {
		t.Error("the details do not say that the proxy is off its network")
	}
	p.commit("second")
	p.must("deploy")
	serves(t, "ports.example.com", "second", "vm1")

	onHost(t, vm1, "image=$(docker inspect -f '{{.Config.Image}}' mrsk-proxy); docker rm -f mrsk-proxy; docker create --name mrsk-proxy --network none -v mrsk-proxy:/mrsk $image")
	p.commit("third")
	p.must("deploy")
	serves(t, "ports.example.com", "third", "vm1")
	p.must("proxy", "restart")
	serves(t, "ports.example.com", "third", "vm1")
}

// The proxy can do no more than it needs: no program in its container gets rights, and it writes to
// its volume alone.
func TestProxy_runs_with_least_rights(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("rights", "servers:\n  web:\n    hosts: [vm1]")})
	p.must("deploy")
	serves(t, "rights.example.com", "first", "vm1")
	status := onHost(t, shared.Host("vm1"), "docker exec mrsk-proxy cat /proc/1/status")
	for _, want := range []string{"CapEff:\t0000000000000400", "CapBnd:\t0000000000000400", "NoNewPrivs:\t1"} {
		if !strings.Contains(status, want) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
	// It is the first process of its container, and reaps no process that a probe leaves behind.
	if left := onHost(t, shared.Host("vm1"), "ps -o pid=,stat=,args= --ppid $(docker inspect -f '{{.State.Pid}}' mrsk-proxy) || true"); left != "" {
		t.Errorf("processes left in its container:\n%s", left)
	}
	if out := onHost(t, shared.Host("vm1"), "docker exec mrsk-proxy sh -c 'echo x >/etc/x' 2>&1 || true"); !strings.Contains(out, "Read-only") {
		t.Errorf("its root can be written to: %s", out)
	}
}
