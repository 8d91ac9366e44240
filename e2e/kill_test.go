//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// phases are lines of a verbose deploy, each the beginning of a part of it.
var phases = []struct {
	name, line string
	lands      landing
}{
	{"build", `local: build image$`, onOld},
	{"pull", `vm2: pull `, onOld},
	{"lock", `vm3: take the lock: done`, onOld},
	{"look", `vm2: look at the routes$`, onOld},
	{"start", `vm1: start container .*-web-[0-9a-f]{40}$`, onOld},
	{"started", `vm1: start container .*: done`, onOld},
	{"health", `vm3: wait until .* is healthy$`, onOld},
	{"switch", `vm2: switch requests to .*[0-9a-f]$`, onEither},
	{"switched", `vm2: switch requests to .*: done`, onEither},
	{"kept", `^ *gate: all hosts keep`, onNew},
	{"finish", `vm1: stop container .*[0-9a-f]$`, onNew},
}

// landing is the version that all hosts serve after a deploy was killed.
type landing int

const (
	onOld landing = iota
	onEither
	onNew
)

// either is where a deploy ends that is killed close to its commit.
const either = ""

func (l landing) version(old, new string) string { return [...]string{old, either, new}[l] }

// A run that is killed leaves no host half-way: each one undoes by itself what it has begun. Before
// the commit nothing is left of it; and the next run, often the one that is killed next, goes
// through.
func TestKill_leaves_every_host_on_one_version(t *testing.T) {
	for n, signal := range []string{"KILL", "INT"} {
		t.Run(signal, func(t *testing.T) {
			fresh(t)
			service := "kill-" + strings.ToLower(signal)
			host := service + ".example.com"
			p := newProject(t, map[string]string{"config/deploy.yml": config(service, "drain_timeout: 3", withEnv("UNHEALTHY_FOR: 1s"))})
			p.must("deploy")
			served, next := "first", "second"
			p.commit(next)
			for i, phase := range phases {
				if testing.Short() && i%2 == n {
					continue // the other signal comes here
				}
				t.Run(phase.name, func(t *testing.T) {
					q := &project{t: t, dir: p.dir}
					if !q.killAt(signal, regexp.MustCompile(phase.line), "deploy") {
						t.Fatalf("no line of the deploy matches %q", phase.line)
					}
					if landed := settled(t, host, phase.lands.version(served, next), 3*time.Second+20*time.Second); landed == next {
						served, next = next, "after-"+phase.name
						q.commit(next)
					}
					clean(t, service)
				})
			}
			p.must("deploy")
			serves(t, host, next, all...)
			for _, h := range shared.Hosts {
				if left := onHost(t, h, `find /run/lock /tmp -name '*.lease.record' 2>/dev/null || true`); left != "" {
					t.Errorf("%s still has a record of a run: %s", h.Name, left)
				}
			}
		})
	}
}

// killAt runs the tool and sends it the signal as soon as a line matches. It reports whether one
// did.
func (p *project) killAt(signal string, line *regexp.Regexp, args ...string) bool {
	p.t.Helper()
	found := false
	p.runUntil(line, func() {
		found = true
		p.sh("kill -" + signal + " $(cat " + p.pidFile() + ")")
	}, args...)
	return found
}

// runUntil runs the tool, and does something as soon as a line of what it tells matches.
func (p *project) runUntil(line *regexp.Regexp, do func(), args ...string) result {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), commandTime)
	defer cancel()
	cmd := p.command(ctx, append(args, "--verbose")...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	log := p.doAt(stderr, line, do)
	_ = cmd.Wait()
	p.t.Logf("at %q: %v", line, cmd.ProcessState)
	return result{stderr: log, code: cmd.ProcessState.ExitCode()}
}

func (p *project) doAt(stderr io.Reader, line *regexp.Regexp, do func()) string {
	found := false
	var log strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		fmt.Fprintln(&log, lines.Text())
		if !found && line.MatchString(lines.Text()) {
			found = true
			do()
		}
	}
	if p.t.Failed() || !found {
		p.t.Log(log.String())
	}
	return log.String()
}

// settled waits until every host, or every one that is named, serves that version, and nothing of the
// killed run works on. It returns the version.
func settled(t *testing.T, host, version string, within time.Duration, vms ...string) string {
	t.Helper()
	began := time.Now()
	if len(vms) == 0 {
		vms = all
	}
	var seen []string
	for time.Since(began) < within {
		seen = nil
		for _, vm := range vms {
			status, body := get(t, "http://"+vm+"/version", host)
			if status != "200" {
				body = ""
			}
			seen = append(seen, strings.TrimSpace(body))
		}
		if uniform(seen, version) && idle(t) {
			t.Logf("all hosts serve %s after %s", seen[0], time.Since(began).Round(100*time.Millisecond))
			return seen[0]
		}
	}
	t.Errorf("after %s the hosts serve %v, want %s; at work: %v", within, seen, version, !idle(t))
	return ""
}

func uniform(seen []string, version string) bool {
	if version == either {
		version = seen[0]
	}
	return version != "" && !slices.ContainsFunc(seen, func(s string) bool { return s != version })
}

// idle reports that no script of mrsk runs on any host, and none holds a lock.
func idle(t *testing.T) bool {
	for _, h := range shared.Hosts {
		locks := onHost(t, h, `find /run/lock/mrsk* /tmp/mrsk* -name '*.work' -o -name '*.lease' 2>/dev/null | while read -r f; do flock -n 9 9<"$f" && echo free || echo busy; done`)
		switch {
		case locks == "":
			t.Fatalf("%s has no lock files where this test looks for them", h.Name)
		case strings.Contains(locks, "busy"):
			return false
		}
	}
	return true
}

// clean fails the test unless each host has just the app's one running container, at most that
// many stopped ones for going back, and no file half-way. Locks, whose names begin with mrsk-, are
// files that stay.
func clean(t *testing.T, service string) {
	t.Helper()
	for _, h := range shared.Hosts {
		if names := containers(t, h, "label=service="+service); len(names) != 1 {
			t.Errorf("%s runs %v", h.Name, names)
		}
		all := strings.Fields(onHost(t, h, "docker ps -aq --filter label=service="+service))
		if len(all) > 1+5 {
			t.Errorf("%s keeps %d containers", h.Name, len(all))
		}
		if left := onHost(t, h, `ls /run/lock /tmp /root /root/.mrsk 2>/dev/null | grep -vx -e mrsk -e 'mrsk-.*' | grep -E 'env|\.tmp$|mrsk\.' || true; docker exec mrsk-proxy sh -c 'ls -A /mrsk | grep -vx tmp | grep -E "tmp|^\."; ls -A /mrsk/routes | grep -E "tmp|^\."; ls -A /mrsk/tmp' || true`); left != "" {
			t.Errorf("left on %s: %s", h.Name, left)
		}
	}
}
