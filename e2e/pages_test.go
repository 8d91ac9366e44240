//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// Browsers see the app's own pages where the proxy fails; what is no browser gets the answer itself,
// be it the proxy's or the app's.
func TestPages_of_failures_are_for_browsers(t *testing.T) {
	fresh(t)
	const host = "failing.example.com"
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("failing", "servers: [vm1]", "error_pages_path: public",
			"proxy:\n  host: "+host+"\n  response_timeout: 1\n  run:\n    image: registry:5000/traefik:v3.7"),
		"public/502.html": "<h1>Down</h1>",
		"public/504.html": "<h1>Too slow</h1>",
	})
	p.must("deploy")
	serves(t, host, "first", "vm1")
	asks := func(path, accept, status, want string) {
		t.Helper()
		got, body := get(t, "-H 'Accept: "+accept+"' 'http://vm1"+path+"'", host)
		if got != status || strings.TrimSpace(body) != want {
			t.Errorf("%s for %s: answers %s %q, want %s %q", path, accept, got, body, status, want)
		}
	}
	const browser, other = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "application/json"
	asks("/version", browser, "200", "first")
	asks("/slow?ms=3000", browser, "504", "<h1>Too slow</h1>")
	asks("/slow?ms=3000", other, "504", "Gateway Timeout")
	asks("/status?code=502", browser, "502", "<h1>Down</h1>")
	asks("/status?code=502", other, "502", "")
	asks("/status?code=500", browser, "500", "")
	onHost(t, shared.Host("vm1"), "docker kill $(docker ps -q --filter label=service=failing)")
	asks("/version", browser, "502", "<h1>Down</h1>")
	asks("/version", other, "502", "Bad Gateway")
	p.must("app", "remove")
	if files := onHost(t, shared.Host("vm1"), "docker exec mrsk-proxy ls /mrsk/pages"); files != "" {
		t.Errorf("after app remove pages are left:\n%s", files)
	}
}
