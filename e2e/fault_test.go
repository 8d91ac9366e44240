//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

// flags is a folder of the host that the sample app looks at, so that one host of three can be
// made to fail.
const flags = "volumes:\n  - /var/flags:/flags"

// One host that cannot run the new version takes all of them back.
func TestFault_on_one_host_takes_all_back(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("fault", flags, withEnv("CRASH_FILE: /flags/crash"))})
	p.must("deploy")
	before := state(t)
	p.commit("second")
	onHost(t, shared.Host("vm2"), "mkdir -p /var/flags && touch /var/flags/crash")
	defer onHost(t, shared.Host("vm2"), "rm -rf /var/flags")
	underTraffic(t, "fault.example.com", func() {
		r := p.fails(1, []string{"vm2", "wait until fault-web-", "is healthy", "ended with exit status", "last probe of /up", `relation "users" does not exist`}, "deploy")
		if strings.Contains(r.stderr, "error: vm1") || strings.Contains(r.stderr, "error: vm3") {
			t.Error("a host that did not fail is told as one")
		}
	})
	if after := state(t); after != before {
		t.Errorf("hosts have changed:\n%s\nbefore:\n%s", after, before)
	}
	serves(t, "fault.example.com", "first", all...)
	log := p.sh("cat " + p.dir + "/.mrsk/logs/*vm2*.log")
	if !strings.Contains(log, "panic: relation") {
		t.Errorf("the saved log is %q", log)
	}
}

// A host that vanishes in mid-deploy undoes by itself; the others go back too, and the next
// command brings all in line.
func TestFault_host_cut_off(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("cut", "ssh:\n  user: root", withEnv("UNHEALTHY_FOR: 4s"))})
	p.must("deploy")
	p.commit("second")
	p.write(".mrsk/hooks/post-app-boot", "#!/bin/sh\ntouch /tmp/booted; while [ ! -e /tmp/go ]; do sleep 0.1; done\n")
	p.sh("rm -f /tmp/booted /tmp/go")
	done := make(chan result, 1)
	go func() { done <- p.mrsk("deploy") }()
	awaitFile(t, "/tmp/booted")
	vm3 := shared.Host("vm3")
	if err := vm3.Cut(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = vm3.Mend(context.Background()) }()
	p.sh("touch /tmp/go")
	r := <-done
	if r.code != 1 || !strings.Contains(r.stderr, "vm3") {
		t.Errorf("exit %d", r.code)
	}
	serves(t, "cut.example.com", "first", "vm1", "vm2")
	if err := vm3.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, "cut.example.com", "first", 60*time.Second)
	p.sh("rm " + p.dir + "/.mrsk/hooks/post-app-boot")
	p.must("deploy")
	serves(t, "cut.example.com", "second", all...)
	clean(t, "cut")
}

// Of two deploys at once one wins; the other hears who holds the lock, and changes nothing.
func TestLock_lets_one_deploy_win(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml":      config("race"),
		".mrsk/hooks/pre-deploy": "#!/bin/sh\ntouch /tmp/inside; while [ ! -e /tmp/go ]; do sleep 0.1; done\n",
	})
	version := p.sh("cd " + p.dir + " && git rev-parse HEAD; rm -f /tmp/inside /tmp/go")
	done := make(chan result, 1)
	go func() { done <- p.mrsk("deploy") }()
	awaitFile(t, "/tmp/inside")
	before := state(t)
	r := p.fails(1, []string{"locked on vm1: deployer@example.com runs deploy of version " + version + " since 20", "hint:"}, "deploy")
	if strings.Contains(r.stderr, "pre-deploy") {
		t.Error("the second deploy went on")
	}
	if after := state(t); after != before {
		t.Errorf("the second deploy changed something:\n%s", after)
	}
	p.sh("touch /tmp/go")
	if r := <-done; r.code != 0 {
		t.Errorf("the first deploy: exit %d", r.code)
	}
	serves(t, "race.example.com", "first", all...)
	p.sh("rm " + p.dir + "/.mrsk/hooks/pre-deploy")
	raceAtOnce(t, p)
}

// raceAtOnce starts two deploys in the same moment.
func raceAtOnce(t *testing.T, p *project) {
	t.Helper()
	p.commit("second")
	var both sync.WaitGroup
	results := make([]result, 2)
	for i := range results {
		both.Go(func() {
			var out bytes.Buffer
			cmd := p.command(t.Context(), "deploy")
			cmd.Stdout, cmd.Stderr = &out, &out
			_ = cmd.Run()
			results[i] = result{stderr: out.String(), code: cmd.ProcessState.ExitCode()}
		})
	}
	both.Wait()
	t.Logf("%d\n%s\n%d\n%s", results[0].code, results[0].stderr, results[1].code, results[1].stderr)
	if results[0].code+results[1].code > 1 {
		t.Errorf("exit codes %d and %d", results[0].code, results[1].code)
	}
	serves(t, "race.example.com", "second", all...)
	clean(t, "race")
}
