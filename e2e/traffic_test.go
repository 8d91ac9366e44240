//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"mrsk/lab"
)

// underTraffic does something while requests come in on all hosts, at 120 a second on each, over
// kept and new connections, with slow requests and slow uploads in flight all the time; it fails
// the test when one of them is lost.
func underTraffic(t *testing.T, host string, do func()) lab.Report {
	t.Helper()
	var urls []string
	for _, vm := range all {
		urls = append(urls, "http://"+vm+"/version")
	}
	traffic, err := shared.Traffic(t.Context(), lab.TrafficOptions{
		URLs: urls, Host: host, Rate: 120, Kept: 4, New: 4,
		Slow: 3, SlowFor: 4 * time.Second, Upload: 2, SlowBody: 4 * time.Second, For: 3 * time.Minute,
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
	if report.Lost > 0 {
		t.Errorf("%d of %d requests lost", report.Lost, report.Total)
	}
	if report.Unsent > 0 && report.Late < time.Second {
		t.Errorf("%d requests could not be sent, because too many waited for an answer", report.Unsent)
	}
	// At the end the slow requests are waited for, and no new ones are sent.
	if seconds := report.Ended.Sub(report.Started).Seconds() - 4; float64(report.Total) < 300*seconds {
		t.Errorf("only %d requests in %.0f s: the traffic proves nothing", report.Total, seconds)
	}
	return report
}

// withEnv is the env section of an app that behaves as told.
func withEnv(pairs ...string) string {
	return "env:\n  clear:\n    " + strings.Join(pairs, "\n    ")
}

func TestTraffic_is_not_lost(t *testing.T) {
	for _, mode := range []string{"polite", "rude"} {
		t.Run(mode, func(t *testing.T) {
			if mode == "polite" {
				long(t)
			}
			fresh(t)
			service := "traffic-" + mode
			host := service + ".example.com"
			end := "TERM_MODE: " + mode
			p := newProject(t, map[string]string{"config/deploy.yml": config(service, withEnv(end))})
			first := p.sh("cd " + p.dir + " && git rev-parse HEAD")
			p.must("deploy")

			underTraffic(t, host, func() {
				p.commit("second")
				p.must("deploy")
			})
			serves(t, host, "second", all...)

			underTraffic(t, host, func() {
				p.write("config/deploy.yml", config(service, withEnv(end, "UNHEALTHY_FOR: 4s")))
				p.must("redeploy")
				p.write("config/deploy.yml", config(service, withEnv(end, "UNHEALTHY_FOR: forever"), "deploy_timeout: 5"))
				p.fails(1, []string{"did not become healthy within 5 seconds", "503"}, "redeploy")
			})
			serves(t, host, "second", all...)

			underTraffic(t, host, func() {
				p.write("config/deploy.yml", config(service, withEnv(end)))
				p.must("rollback", first)
				p.commit("broken")
				p.write("config/deploy.yml", config(service, withEnv(end, "CRASH: 1")))
				p.fails(1, []string{"ended with exit status"}, "deploy")
			})
			serves(t, host, "first", all...)
		})
	}
}
