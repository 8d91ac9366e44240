//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

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
