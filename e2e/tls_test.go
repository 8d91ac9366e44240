//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"
)

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
