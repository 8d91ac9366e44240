//go:build e2e

package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/lab"
)

// kamalCerts is a folder of a host with what kamal-proxy got by ACME.
const kamalCerts = "/root/kamal-certs"

// former makes the hosts what Kamal leaves: an app's container on the network kamal, and in front
// of it a proxy that holds the ports. The stand-in for kamal-proxy is a Traefik, so that requests
// come through it as they do there; it serves what kamal-proxy would have in its cache.
func former(t *testing.T, service string) {
	t.Helper()
	const route = `{"http":{"routers":{"a":{"rule":"PathPrefix(\"/\")","service":"a"},"b":{"rule":"PathPrefix(\"/\")","service":"a","tls":{}}},"services":{"a":{"loadBalancer":{"servers":[{"url":"http://app"}]}}}},` +
		`"tls":{"certificates":[{"certFile":"/certs/both.pem","keyFile":"/certs/both.pem"}]}}`
	setUp := fmt.Sprintf(`set -e
docker network create kamal >/dev/null 2>&1 || true
docker pull -q registry:5000/sample >/dev/null; docker pull -q registry:5000/traefik:v3.7 >/dev/null
docker run -d --restart unless-stopped --name %[1]s-web-zero --network kamal --network-alias app \
  --label service=%[1]s --label role=web --label destination= --env VERSION=zero --env TERM_MODE=rude registry:5000/sample
docker run -d --restart unless-stopped --name kamal-proxy --network kamal --publish 80:80 --publish 443:443 --entrypoint sh \
  --volume %[3]s:/certs --volume %[3]s/cache:/home/kamal-proxy/.config/kamal-proxy/certs registry:5000/traefik:v3.7 \
  -c 'printf %%s "$1" >/r.yml; exec traefik --providers.file.filename=/r.yml --entrypoints.http.address=:80 --entrypoints.https.address=:443' - '%[2]s'`,
		service, strings.ReplaceAll(route, `\"`, "`"), kamalCerts)
	host := service + ".example.com"
	for _, h := range shared.Hosts {
		cached(t, h, host)
		onHost(t, h, setUp)
	}
	eventually(t, "kamal-proxy serves", func() bool {
		return !slices.ContainsFunc(all, func(vm string) bool { status, _ := get(t, "http://"+vm+"/version", host); return status != "200" })
	})
}

// cached puts a certificate for a name on a host, as kamal-proxy keeps it: key, certificate and
// chain in one file. The authority is on the deployer, in /tmp/authority.pem.
func cached(t *testing.T, h *lab.Host, name string) {
	t.Helper()
	both := onHost(t, shared.Deployer, fmt.Sprintf(`set -e; cd /tmp
new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90"
[ -e authority.pem ] || openssl req -x509 $new -subj /CN=authority -keyout authority.key -out authority.pem 2>/dev/null
openssl req -x509 $new -CA authority.pem -CAkey authority.key -subj /CN=%[1]s -addext subjectAltName=DNS:%[1]s -keyout name.key -out name.pem 2>/dev/null
openssl ec -in name.key 2>/dev/null; cat name.pem authority.pem`, name))
	// The folder is named after the ACME server; this is Let's Encrypt's.
	dir := kamalCerts + "/cache/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/"
	for _, file := range []string{dir + name, kamalCerts + "/both.pem"} {
		if err := h.Write(t.Context(), file, 0o600, []byte(both+"\n")); err != nil {
			t.Fatal(err)
		}
	}
}

// serial is that of the certificate which a host serves for a name.
func serial(t *testing.T, vm, name string) string {
	t.Helper()
	return onHost(t, shared.Deployer, fmt.Sprintf(`openssl s_client -connect %s:443 -servername %s </dev/null 2>/dev/null | openssl x509 -noout -serial || true`, vm, name))
}

// trusting does something while clients that trust the authority alone, each on a new connection,
// ask hosts for a name over HTTPS; it fails the test when one of them is not answered.
func trusting(t *testing.T, name string, vms []string, do func()) {
	t.Helper()
	clients := shared.Deployer.Command(t.Context(), "sh", "-c", fmt.Sprintf(`rm -f /tmp/enough; n=0
while [ ! -e /tmp/enough ]; do for vm in %s; do n=$((n+1))
  curl -sSf -m 10 -o /dev/null --cacert /tmp/authority.pem --connect-to %[2]s:443:$vm:443 https://%[2]s/version 2>&1 | sed "s/^/$vm: /"
done; done; echo asked $n`, strings.Join(vms, " "), name))
	var said strings.Builder
	clients.Stdout = &said
	if err := clients.Start(); err != nil {
		t.Fatal(err)
	}
	do()
	onHost(t, shared.Deployer, "touch /tmp/enough")
	_ = clients.Wait()
	t.Log(said.String())
	var asked int
	if _, err := fmt.Sscanf(said.String(), "asked %d", &asked); err != nil || asked < 20 {
		t.Errorf("of %d clients with trust some were not answered", asked)
	}
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

// onlyKeptLost fails the test when a new connection was refused, or something in flight cut. A
// connection that a client keeps may have a request on its way when the former proxy closes it, which
// is not for mrsk to change.
func onlyKeptLost(t *testing.T, report lab.Report) {
	t.Helper()
	if kept := report.Kinds["kept"]; report.Lost > kept.Lost || kept.Lost > kept.Total/100 {
		t.Errorf("%d requests lost, %d of them on kept connections", report.Lost, kept.Lost)
	}
}

func TestUpgrade(t *testing.T) {
	fresh(t)
	const service, host = "upgraded", "upgraded.example.com"
	former(t, service)
	p := newProject(t, map[string]string{"config/deploy.yml": config(service, "proxy:\n  host: "+host+"\n  ssl: true\n  ssl_redirect: false"+proxyRun)})
	first := serial(t, "vm1", host)

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

	// By now the former proxy of vm2 has neither a port for HTTPS nor a certificate.
	var report lab.Report
	trusting(t, host, []string{"vm1", "vm3"}, func() {
		report = trafficOf(t, host, func() {
			if r := p.must("upgrade", "-y"); strings.Contains(r.all(), "PRIVATE KEY") {
				t.Error("a key is told")
			}
		})
	})
	// vm1 goes on with its certificate, and has brought it to both others in the end.
	for _, vm := range all {
		if now := serial(t, vm, host); now != first {
			t.Errorf("%s serves the certificate %s, not %s", vm, now, first)
		}
		if left := onHost(t, shared.Host(vm), "docker exec mrsk-proxy ls /mrsk /mrsk/routes | grep before || true"); left != "" {
			t.Errorf("left on %s: %s", vm, left)
		}
	}
	onlyKeptLost(t, report)
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
	long(t)
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

// older makes the hosts what Kamal 1 leaves: a Traefik that finds containers by their labels, on
// Docker's own network.
func older(t *testing.T, service string) {
	t.Helper()
	onAll(t, fmt.Sprintf(`set -e
docker pull -q registry:5000/sample >/dev/null; docker pull -q registry:5000/traefik:v3.7 >/dev/null
docker run -d --restart unless-stopped --name %[1]s-web-zero --label service=%[1]s --label role=web --label destination= \
  --label traefik.http.services.%[1]s-web.loadbalancer.server.scheme=http --label 'traefik.http.routers.%[1]s-web.rule=PathPrefix("/")' \
  --label traefik.http.routers.%[1]s-web.priority=2 --env VERSION=zero registry:5000/sample
docker run -d --restart unless-stopped --name traefik --publish 80:80 --volume /var/run/docker.sock:/var/run/docker.sock \
  registry:5000/traefik:v3.7 --providers.docker --entrypoints.web.address=:80`, service))
	eventually(t, "the older Traefik serves", func() bool {
		return !slices.ContainsFunc(all, func(vm string) bool {
			_, body := get(t, "http://"+vm+"/version", service+".example.com")
			return strings.TrimSpace(body) != "zero"
		})
	})
}

func TestUpgrade_from_an_older_Traefik(t *testing.T) {
	long(t)
	fresh(t)
	const service, host = "elder", "elder.example.com"
	older(t, service)
	p := newProject(t, map[string]string{"config/deploy.yml": config(service)})
	onlyKeptLost(t, trafficOf(t, host, func() { p.must("upgrade", "-y") }))
	proxies(t, "mrsk-proxy")
	for _, h := range shared.Hosts {
		if left := containers(t, h, "name=^traefik$"); len(left) > 0 {
			t.Errorf("%s still has %v", h.Name, left)
		}
	}
	serves(t, host, "zero", all...)
	underTraffic(t, host, func() { p.must("deploy") })
	serves(t, host, "first", all...)
}

// An upgrade that is killed leaves all hosts behind the same proxy, and the next one goes through.
func TestUpgrade_killed(t *testing.T) {
	fresh(t)
	const host = "cutoff.example.com"
	former(t, "cutoff")
	p := newProject(t, map[string]string{"config/deploy.yml": config("cutoff")})
	for _, phase := range []struct{ line, ends string }{
		{`vm2: create the proxy's container: done`, "kamal-proxy"},
		{`vm2: take over from kamal-proxy$`, ""},
		{`vm2: take over from kamal-proxy: done`, ""},
		{`vm1: disable kamal-proxy$`, ""},
	} {
		if strings.Join(serving(t), " ") == "mrsk-proxy mrsk-proxy mrsk-proxy" {
			break // the run before has gone through, as it may close to its commit
		}
		if !p.killAt("KILL", regexp.MustCompile(phase.line), "upgrade", "-y") {
			t.Fatalf("no line of the upgrade matches %q", phase.line)
		}
		settled(t, host, "zero", 90*time.Second)
		now := serving(t)
		t.Logf("killed at %q: %v", phase.line, now)
		if !uniform(now, phase.ends) {
			t.Errorf("killed at %q, the hosts are behind %v", phase.line, now)
		}
	}
	p.must("upgrade", "-y")
	proxies(t, "mrsk-proxy")
	serves(t, host, "zero", all...)
}

// serving are the containers that have port 80 of each host.
func serving(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, h := range shared.Hosts {
		names = append(names, onHost(t, h, "docker ps --format '{{.Names}}' --filter publish=80"))
	}
	return names
}

// occupy makes port 443 of a host one that the former proxy does not have and the new one cannot
// get.
func occupy(t *testing.T, h *lab.Host) {
	t.Helper()
	onHost(t, h, `set -e
docker rename kamal-proxy with-both && docker stop -t 1 with-both >/dev/null
docker run -d --restart unless-stopped --name kamal-proxy --network kamal --publish 80:80 --entrypoint "$(docker inspect -f '{{index .Config.Entrypoint 0}}' with-both)" \
  registry:5000/traefik:v3.7 -c "$(docker inspect -f '{{index .Config.Cmd 1}}' with-both)" - "$(docker inspect -f '{{index .Config.Cmd 3}}' with-both)"
docker rm with-both >/dev/null
docker run -d --name squatter --publish 443:80 registry:5000/sample`)
	eventually(t, "kamal-proxy serves again", func() bool {
		status, _ := get(t, "http://"+h.Name+"/version", "upgraded.example.com")
		return status == "200"
	})
}
