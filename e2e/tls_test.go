//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A role with a certificate of its own is served over HTTPS with it, on several hosts; HTTP is
// redirected there.
func TestTLS_with_a_given_certificate(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("tls", "proxy:\n  host: tls.example.com\n  ssl:\n    certificate_pem: CERT\n    private_key_pem: KEY"+proxyRun),
		".mrsk/secrets":     "REGISTRY_PASSWORD=x\nCERT=$(cat /tmp/tls.crt)\nKEY=$(cat /tmp/tls.key)\n",
	})
	p.sh("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tls.example.com -addext subjectAltName=DNS:tls.example.com -keyout /tmp/tls.key -out /tmp/tls.crt 2>/dev/null")
	p.must("deploy")
	for _, vm := range all {
		address := strings.Fields(onHost(t, shared.Deployer, "getent hosts "+vm))[0]
		secure := fmt.Sprintf("curl -s -m 10 --cacert /tmp/tls.crt --resolve tls.example.com:443:%s https://tls.example.com/version", address)
		if body := onHost(t, shared.Deployer, secure); body != "first" {
			t.Errorf("%s serves %q over HTTPS", vm, body)
		}
		plain := fmt.Sprintf("curl -s -m 10 -o /dev/null -w '%%{http_code} %%{redirect_url}' --resolve tls.example.com:80:%s http://tls.example.com/version", address)
		if got := onHost(t, shared.Deployer, plain); got != "301 https://tls.example.com/version" {
			t.Errorf("%s answers plain HTTP with %s", vm, got)
		}
	}
	if status, _ := get(t, "https://vm1/", "other.example.com"); status != "502" {
		t.Errorf("an unknown name gets %s over HTTPS", status)
	}
}

// What a client sends reaches the app as it was sent: the proxy's own ideas of tidy paths and of
// time are switched off.
func TestProxy_passes_requests_on_as_they_are(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("asis", "servers:\n  web:\n    hosts: [vm1]")})
	p.must("deploy")
	for _, path := range []string{"/a%2Fb", "//a///b", "/a/../b", "/a;b", "/a%5Cb", "/a%25b", "/a%3Bb%3Fc%23d", "/x?q=a;b&c=%2F"} {
		got := onHost(t, shared.Deployer, fmt.Sprintf("curl -s --path-as-is -m 5 -D - -o /dev/null -H 'Host: asis.example.com' 'http://vm1%s'", path))
		if !strings.Contains(got, "X-Version: first") {
			t.Errorf("%s does not reach the app:\n%s", path, got)
		}
	}
}

// Streams do not end by themselves: they are cut when drain_timeout is over, and it is said how
// many.
func TestDrain_cuts_streams_and_says_so(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("stream", "servers:\n  web:\n    hosts: [vm1]", "drain_timeout: 3")})
	p.must("deploy")
	stream := shared.Deployer.Command(t.Context(), "curl", "-sN", "-m", "60", "-H", "Host: stream.example.com", "http://vm1/stream")
	if err := stream.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	p.commit("second")
	r := p.must("deploy")
	_ = stream.Wait()
	if time.Since(began) > 50*time.Second {
		t.Error("the stream was not cut")
	}
	if !strings.Contains(r.stderr, "drain_timeout is over; connections cut: 1") {
		t.Error("the deploy does not say that a stream was cut")
	}
}
