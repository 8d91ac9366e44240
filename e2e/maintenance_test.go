//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"mrsk/lab"
)

// hostile are characters that YAML forbids, which once kept the proxy from reading any route, and
// some that it allows.
const hostile = "\u007f\u0080\u0085\u0092\ufffe\uffff\u2028 {{ 😀 ║"

// In maintenance every request gets 503 with the message, and not one gets anything else on the
// way there and back.
func TestMaintenance_answers_every_request(t *testing.T) {
	fresh(t)
	const host = "closed.example.com"
	p := newProject(t, map[string]string{"config/deploy.yml": config("closed")})
	p.must("deploy")
	report := trafficOf(t, host, func() {
		p.must("app", "maintenance", "--message", "Back <soon>"+hostile)
		for _, vm := range all {
			if status, body := get(t, "http://"+vm+"/version", host); status != "503" || !strings.Contains(body, "Back &lt;soon&gt;") {
				t.Errorf("%s answers %s %q", vm, status, body)
			}
		}
		for options, want := range map[string]string{"": "200", "-I ": "200", "-d x ": "503"} { // a load balancer keeps the host
			if status, _ := get(t, options+"http://vm1/up", host); status != want {
				t.Errorf("curl %shttp://vm1/up gets %s, want %s", options, status, want)
			}
		}
		if status, _ := get(t, "http://vm1/", "other.example.com"); status != "502" {
			t.Errorf("another name gets %s", status)
		}
		if r := p.must("app", "details"); strings.Count(r.stdout, "in maintenance") != 3 {
			t.Errorf("details says\n%s", r.stdout)
		}
		if r := p.must("proxy", "details"); strings.Count(r.stdout, "route closed.web, in maintenance") != 3 {
			t.Errorf("proxy details says\n%s", r.stdout)
		}
		p.must("proxy", "restart", "--hosts", "vm1")
		if status, body := get(t, "http://vm1/version", host); status != "503" || !strings.Contains(body, "Back &lt;soon&gt;"+hostile) {
			t.Errorf("after a restart of the proxy it answers %s %q", status, body)
		}
		p.must("app", "live")
		serves(t, host, "first", all...)
	})
	// The proxy that was restarted was down for a moment; the others never were.
	for _, f := range report.Failures {
		if !strings.Contains(f.URL, "//vm1/") && !strings.Contains(f.Error, "503") {
			t.Errorf("%s: %s %s", f.URL, f.Kind, f.Error)
		}
	}
	if report.Status[503] < 1000 || report.Status[200] < 500 || len(report.Status) > 3 {
		t.Errorf("statuses %v", report.Status)
	}
}

// trafficOf is underTraffic for what is not answered with 200 alone.
func trafficOf(t *testing.T, host string, do func()) lab.Report {
	t.Helper()
	var urls []string
	for _, vm := range all {
		urls = append(urls, "http://"+vm+"/version")
	}
	traffic, err := shared.Traffic(t.Context(), lab.TrafficOptions{
		URLs: urls, Host: host, Rate: 120, Kept: 4, New: 4, Slow: 3, SlowFor: 2 * time.Second, Upload: 2, SlowBody: 2 * time.Second, For: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	do()
	report, err := traffic.Stop()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(report)
	return report
}

// Requests that came before the maintenance are let finish.
func TestMaintenance_waits_for_requests_in_flight(t *testing.T) {
	fresh(t)
	const host = "drained.example.com"
	p := newProject(t, map[string]string{"config/deploy.yml": config("drained", "servers:\n  web:\n    hosts: [vm1]")})
	p.must("deploy")
	p.sh(`rm -f /tmp/slow*; curl -sv -H 'Host: ` + host + `' -w '%{http_code}' 'http://vm1/slow?ms=4000' >/tmp/slow 2>/tmp/slow.sent & until grep -qs '^> Host' /tmp/slow.sent; do sleep 0.1; done`)
	p.must("app", "maintenance", "--drain-timeout", "10")
	if got := p.sh("cat /tmp/slow"); !strings.HasSuffix(got, "200") {
		t.Errorf("the maintenance did not wait: the slow request got %q", got)
	}
	if r := p.must("app", "maintenance", "--message", "once more"); strings.Contains(r.stderr, "cut") {
		t.Errorf("it says\n%s", r.stderr)
	}
}

// A deploy puts the app live with the new version; one that fails leaves it in maintenance.
func TestMaintenance_ends_with_a_deploy(t *testing.T) {
	fresh(t)
	const host = "reopened.example.com"
	p := newProject(t, map[string]string{"config/deploy.yml": config("reopened", "servers: [vm1]", "deploy_timeout: 5")})
	p.fails(1, []string{"the proxy has no route for role web"}, "app", "maintenance")
	p.must("deploy")
	p.must("app", "maintenance")
	p.commit("broken")
	p.write("config/deploy.yml", config("reopened", "servers: [vm1]", "deploy_timeout: 5", withEnv("UNHEALTHY_FOR: forever")))
	p.fails(1, []string{"did not become healthy"}, "deploy")
	if status, _ := get(t, "http://vm1/version", host); status != "503" {
		t.Errorf("after a failed deploy vm1 answers %s", status)
	}
	p.commit("second")
	p.write("config/deploy.yml", config("reopened", "servers: [vm1]"))
	p.must("redeploy")
	serves(t, host, "second", "vm1")
	p.must("app", "maintenance")
	p.must("app", "stop")
	if status, _ := get(t, "http://vm1/version", host); status != "502" {
		t.Errorf("stopped, it answers %s", status)
	}
	p.must("app", "start")
	serves(t, host, "second", "vm1")
}

// maintained shows the page of the app with the message, as it was deployed.
func maintained(t *testing.T, p *project) {
	page := func(want string) {
		t.Helper()
		for _, vm := range []string{"vm1", "vm2"} {
			if status, body := get(t, "http://"+vm+"/any/where", listHost); status != "503" || strings.TrimSpace(body) != want {
				t.Errorf("%s answers %s %q, want %q", vm, status, body, want)
			}
		}
	}
	p.must("app", "maintenance")
	page("<h1>Gone fishing</h1>")
	p.write("public/503.html", "<h1>Back soon</h1>")
	p.must("app", "maintenance", "--message", "Till noon & later")
	page("<h1>Gone fishing</h1><p>Till noon &amp; later</p>")
	p.must("app", "live")
	serves(t, listHost, "second", "vm1", "vm2")
	if files := onHost(t, shared.Host("vm1"), "docker exec mrsk-proxy ls /mrsk/pages"); len(strings.Fields(files)) != 1 {
		t.Errorf("pages on the host:\n%s", files)
	}
	p.write("public/503.html", "{{ .Message")
	p.fails(1, []string{"config/deploy.yml:", "error_pages_path: 503.html: template:"}, "deploy")
	p.sh("cd " + p.dir + " && git checkout -q public")
}
