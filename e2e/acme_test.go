//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"mrsk/lab"
)

// acme is the ACME server of the lab.
var acme lab.ACMEServer

// full are the names of hosts as containers know them, too: a proxy passes on to another host.
func full(vms ...string) string {
	var names []string
	for _, vm := range vms {
		names = append(names, shared.Host(vm).FullName())
	}
	return strings.Join(names, ", ")
}

// acmeProject is an app whose certificates come from the ACME server of the lab; more are lines of
// proxy/run and proxy/run/acme.
func acmeProject(t *testing.T, service, hosts, names, run, more string) *project {
	t.Helper()
	return newProject(t, map[string]string{
		"config/deploy.yml": acmeConfig(service, hosts, names, "true", run, more),
		".mrsk/secrets":     acmeSecrets(acme.Records),
	})
}

func acmeSecrets(records string) string {
	return "REGISTRY_PASSWORD=x\nACME_CA=$(cat " + acme.Authority + ")\nRECORDS=" + records + "\n"
}

func acmeConfig(service, hosts, names, ssl, run, more string) string {
	return config(service, "servers:\n  web:\n    hosts: ["+hosts+"]",
		"proxy:\n  hosts: ["+names+"]\n  ssl: "+ssl+"\n  ssl_redirect: false"+proxyRun+run+
			"\n    acme:\n      server: "+acme.Directory+"\n      ca_pem: ACME_CA"+more)
}

// resolves lets the ACME server find a name on hosts.
func resolves(t *testing.T, name string, hosts ...string) {
	t.Helper()
	if err := shared.Resolve(t.Context(), name, hosts...); err != nil {
		t.Fatal(err)
	}
}

// certified waits until a host serves a name with a certificate of the ACME server, and returns
// the certificate's fingerprint.
func certified(t *testing.T, vm, name string) string {
	t.Helper()
	address := strings.Fields(onHost(t, shared.Deployer, "getent hosts "+vm))[0]
	return onHost(t, shared.Deployer, fmt.Sprintf(`for i in $(seq 100); do
  curl -sf -m 5 --cacert %[1]s --resolve %[2]s:443:%[3]s https://%[2]s/version >/dev/null && break
  sleep 0.2
done
curl -sf -m 5 --cacert %[1]s --resolve %[2]s:443:%[3]s https://%[2]s/version >/dev/null || { echo "%[2]s on %[3]s is not certified"; exit 1; }
openssl s_client -connect %[3]s:443 -servername %[2]s </dev/null 2>/dev/null | openssl x509 -noout -fingerprint`, acme.Root, name, address))
}

func TestACME(t *testing.T) {
	server, err := shared.ACME(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	acme = server
	t.Run("one host over HTTP", func(t *testing.T) {
		fresh(t)
		resolves(t, "one.example.com", "vm1")
		p := acmeProject(t, "one", "vm1", "one.example.com", "", "\n      email: me@example.com")
		p.must("deploy")
		certified(t, "vm1", "one.example.com")
	})
	t.Run("one host over TLS", func(t *testing.T) {
		fresh(t)
		resolves(t, "tls.example.com", "vm2")
		p := acmeProject(t, "tls", "vm2", "tls.example.com", "", "\n      challenge: tls")
		p.must("deploy")
		certified(t, "vm2", "tls.example.com")
	})
	t.Run("several hosts", acmeOnSeveralHosts)
	t.Run("a wildcard in the DNS", acmeWildcard)
}

// The ACME server asks hosts that do not get the certificate themselves, and all hosts serve the
// same one in the end, without a request lost on the way.
func acmeOnSeveralHosts(t *testing.T) {
	fresh(t)
	resolves(t, "many.example.com", "vm2", "vm3")
	p := acmeProject(t, "many", full(all...), "many.example.com", "", "")
	p.write("config/deploy.yml", acmeConfig("many", full(all...), "many.example.com", "false", "", ""))
	p.must("deploy")
	p.write("config/deploy.yml", acmeConfig("many", full(all...), "many.example.com", "true", "", ""))
	underTraffic(t, "many.example.com", func() { p.must("deploy") })
	prints := map[string]bool{}
	for _, vm := range all {
		prints[certified(t, vm, "many.example.com")] = true
	}
	if len(prints) != 1 {
		t.Errorf("the hosts have the certificates %v", prints)
	}
	var listed []struct {
		Host, From string
		Expires    *time.Time
	}
	if err := json.Unmarshal([]byte(p.must("proxy", "certificates", "--json").stdout), &listed); err != nil || len(listed) != 3 {
		t.Fatalf("%v, %v", listed, err)
	}
	for i, want := range []string{"acme", full("vm1"), full("vm1")} {
		if listed[i].From != want || listed[i].Expires == nil {
			t.Errorf("%s has it from %s until %v", listed[i].Host, listed[i].From, listed[i].Expires)
		}
	}
	onHost(t, shared.Host("vm3"), "docker exec mrsk-proxy rm /mrsk/routes/many.web.received.yaml")
	if r := p.must("proxy", "certificates", "--sync"); !strings.Contains(r.stderr, "Copy certificates") || strings.Contains(r.all(), "PRIVATE KEY") {
		t.Error("nothing was brought")
	}
	if r := p.must("proxy", "certificates", "--sync"); strings.Contains(r.stderr, "Copy certificates") {
		t.Error("it was brought again")
	}
	certified(t, "vm3", "many.example.com")
}

func acmeWildcard(t *testing.T) {
	fresh(t)
	const option = "\n      certificatesresolvers.mrsk.acme.dnschallenge."
	p := acmeProject(t, "wild", full("vm1", "vm2"), "'*.wild.example.com', wild.example.com",
		"\n    args:"+option+"resolvers: "+acme.Resolver+option+"propagation.disablechecks: true",
		"\n      dns: httpreq\n      env:\n        secret: [HTTPREQ_ENDPOINT:RECORDS]")
	p.must("deploy")
	for _, vm := range []string{"vm1", "vm2"} {
		for _, name := range []string{"any.wild.example.com", "wild.example.com"} {
			certified(t, vm, name)
		}
	}
	if r := p.must("proxy", "certificates"); strings.Count(r.stdout, "*.wild.example.com") != 2 {
		t.Errorf("it shows %s", r.stdout)
	}
	p.write(".mrsk/secrets", acmeSecrets("http://elsewhere.invalid"))
	if r := p.plan("--commands"); !strings.Contains(r.stdout, "`mrsk proxy reboot` applies it") || strings.Contains(r.all(), "elsewhere.invalid") {
		t.Error("a change of a secret is not noticed, or told")
	}
}
