//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mrsk/lab"
)

// flags is a folder of the host that the sample app looks at, so that one host of three can be
// made to fail.
const flags = "volumes:\n  - /var/flags:/flags"

// faulty is an app of which one host of three can be made to fail by a file.
func faulty(t *testing.T, service string, more ...string) *project {
	t.Helper()
	fresh(t)
	files := withEnv("CRASH_FILE: /flags/crash", "FLAP_FILE: /flags/flap", "DIE_FILE: /flags/die")
	p := newProject(t, map[string]string{"config/deploy.yml": config(service, append(more, flags, files)...)})
	p.must("deploy")
	p.commit("second")
	return p
}

// flagged puts a file among the flags of vm2 while it does something.
func flagged(t *testing.T, name, content string, do func()) {
	t.Helper()
	onHost(t, shared.Host("vm2"), "mkdir -p /var/flags && printf %s '"+content+"' >/var/flags/"+name)
	defer onHost(t, shared.Host("vm2"), "rm -f /var/flags/"+name)
	do()
}

// deployHeldIn starts a deploy and returns when its hook of that name runs. The hook waits until it is
// released, and is gone then; the deploy's result follows.
func (p *project) deployHeldIn(hook string) (release func(), done <-chan result) {
	p.t.Helper()
	path, held, released := ".mrsk/hooks/"+hook, p.dir+"-held", p.dir+"-released"
	p.write(path, "#!/bin/sh\ntouch "+held+"; while [ ! -e "+released+" ]; do sleep 0.1; done\n")
	p.sh("rm -f " + held + " " + released)
	result := make(chan result, 1)
	go func() { result <- p.mrsk("deploy") }()
	awaitFile(p.t, held)
	return func() { p.sh("touch " + released + "; rm " + p.dir + "/" + path) }, result
}

// One host that cannot run the new version takes all of them back, also when it fails only after it
// was healthy.
func TestFault_on_one_host_takes_all_back(t *testing.T) {
	p := faulty(t, "fault")
	before := state(t)
	for _, fault := range []struct {
		flag, content string
		words         []string
		log           string
		gap           bool // a container that dies behind the switch answers nothing until the route is back
	}{
		{"crash", "", []string{"wait until fault-web-", "ended with exit status", "last probe of /up", `relation "users" does not exist`}, "panic: relation", false},
		{"die", "800ms", []string{"after it had been up", "panic: lost the database"}, "panic: lost the database", true},
		{"flap", "", []string{"confirm that fault-web-", "no longer answers its health check", "500 Internal Server Error"}, "booted version second", false},
	} {
		p.sh("rm -rf " + p.dir + "/.mrsk/logs")
		deploy := func() {
			r := p.fails(1, append(fault.words, "vm2", "is healthy"), "deploy")
			if strings.Contains(r.stderr, "error: vm1") || strings.Contains(r.stderr, "error: vm3") {
				t.Error("a host that did not fail is told as one")
			}
		}
		flagged(t, fault.flag, fault.content, func() {
			if fault.gap {
				deploy()
			} else {
				underTraffic(t, "fault.example.com", deploy)
			}
		})
		if after := state(t); after != before {
			t.Errorf("%s: hosts have changed:\n%s\nbefore:\n%s", fault.flag, after, before)
		}
		serves(t, "fault.example.com", "first", all...)
		if log := p.sh("cat " + p.dir + "/.mrsk/logs/*vm2*.log"); !strings.Contains(log, fault.log) {
			t.Errorf("%s: the saved log is %q", fault.flag, log)
		}
	}
	diesLate(t, p)
}

// A container that dies while it is watched takes all hosts back.
func TestFault_of_a_container_that_is_watched(t *testing.T) {
	p := faulty(t, "watched", "boot:\n  watch: 8")
	before := state(t)
	r := p.runUntil(regexp.MustCompile(`^ *vm2: confirm that watched-web-.*: done`), func() {
		onHost(t, shared.Host("vm2"), "docker kill $(docker ps --quiet --latest --filter label=service=watched)")
	}, "deploy")
	for _, words := range []string{"vm2", "watch watched-web-", "after it had been up"} {
		if r.code != 1 || !strings.Contains(r.stderr, words) {
			t.Errorf("exit %d, not said: %s\n%s", r.code, words, r.stderr)
		}
	}
	if after := state(t); after != before {
		t.Errorf("hosts have changed:\n%s\nbefore:\n%s", after, before)
	}
	p.must("deploy")
	serves(t, "watched.example.com", "second", all...)
}

// diesLate has a container die behind the commit, when the old one is stopped: that takes nothing back,
// but is no success.
func diesLate(t *testing.T, p *project) {
	t.Helper()
	const killsNew = `case $1 in stop) /usr/bin/docker kill $(/usr/bin/docker ps --quiet --latest --filter label=service=fault) ;; esac >&2`
	unwrap := wrapDocker(t, killsNew)
	defer unwrap()
	r := p.fails(1, []string{"the hosts keep the new version, but not all is well: vm2", "after it had been up", "hint: "}, "deploy")
	if strings.Contains(r.stderr, "✓") {
		t.Error("it is told as a success")
	}
	unwrap()
	serves(t, "fault.example.com", "second", "vm1", "vm3")
	p.must("redeploy")
	serves(t, "fault.example.com", "second", all...)
	clean(t, "fault")
	oldStays(t, p)
}

// wrapDocker has the docker command of vm2 run a shell line before each command, until unwrap.
func wrapDocker(t *testing.T, line string) (unwrap func()) {
	t.Helper()
	vm2, is := shared.Host("vm2"), "/usr/local/bin/docker"
	onHost(t, vm2, "cat >"+is+" <<'EOF'\n#!/bin/sh\n"+line+"\nexec /usr/bin/docker \"$@\"\nEOF\nchmod 755 "+is)
	return func() { onHost(t, vm2, "rm -f "+is) }
}

// oldStays has docker fail to stop the old container on one host: it is killed and, where that fails
// too, the deploy is no success and the next one cleans up.
func oldStays(t *testing.T, p *project) {
	t.Helper()
	defer wrapDocker(t, `case $1 in stop | kill)
  [ ! -e /var/flags/$1 ] || { echo 'tried to kill container, but did not receive an exit event' >&2; exit 1; } ;;
esac`)()
	flagged(t, "stop", "", func() {
		if r := p.must("redeploy"); !strings.Contains(r.all(), "docker could not stop it, so it was killed") {
			t.Error("a container that was killed is not told")
		}
		clean(t, "fault")
		flagged(t, "kill", "", func() {
			p.fails(1, []string{"the hosts keep the new version, but not all is well: vm2: stop container", "it still runs", "hint: "}, "redeploy")
		})
	})
	serves(t, "fault.example.com", "second", all...)
	p.must("redeploy")
	clean(t, "fault")
}

// A host that is rebooted between the switch and the commit serves by itself, and the next deploy puts
// right what is left.
func TestFault_reboot_before_the_commit(t *testing.T) {
	p := faulty(t, "reboot")
	release, done := p.deployHeldIn("post-app-boot")
	vm3 := shared.Host("vm3")
	if err := vm3.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.sh("kill -KILL $(cat " + p.pidFile() + ")")
	release()
	<-done
	if err := vm3.Revive(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, "reboot.example.com", either, 60*time.Second, "vm3")
	settled(t, "reboot.example.com", "first", 60*time.Second, "vm1", "vm2")
	p.must("deploy")
	serves(t, "reboot.example.com", "second", all...)
	clean(t, "reboot")
}

// A host that is rebooted while the old container has stopped and the new one is not healthy yet serves
// the old version by itself.
func TestFault_reboot_while_the_old_container_makes_way(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("makesway", "boot:\n  order: stop_first", withEnv("UNHEALTHY_FOR: 12s"))})
	p.must("deploy")
	p.commit("second")
	vm3 := shared.Host("vm3")
	p.runUntil(regexp.MustCompile(`vm3: start container makesway-web-[0-9a-f]*$`), func() {
		onHost(t, vm3, "until docker ps --format '{{.Names}}' | grep -q makesway-web-.*; do sleep 0.1; done")
		if err := vm3.Kill(t.Context()); err != nil {
			t.Error(err)
		}
		p.sh("kill -KILL $(cat " + p.pidFile() + ")")
	}, "deploy")
	if err := vm3.Revive(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, "makesway.example.com", "first", 60*time.Second, all...)
	p.must("deploy")
	serves(t, "makesway.example.com", "second", all...)
	clean(t, "makesway")
}

// Where dockerd ends while a container starts, the host waits for it before it goes back, so that
// nothing is left.
func TestFault_dockerd_killed(t *testing.T) {
	p := faulty(t, "engine")
	vm2 := shared.Host("vm2")
	const list = "docker ps -a --no-trunc --format '{{.ID}} {{.Names}}' | sort"
	before := onHost(t, vm2, list)
	began := regexp.MustCompile(`vm2: start container engine-web-[0-9a-f]*$`)
	r := p.runUntil(began, func() { onHost(t, vm2, "pkill -KILL -x dockerd") }, "deploy")
	if r.code != 1 {
		t.Errorf("exit %d", r.code)
	}
	awaitEngine(t, vm2)
	// A daemon that was killed may take what it then stops for stopped on purpose, and not start it.
	if after := onHost(t, vm2, list); after != before {
		t.Errorf("containers have changed:\n%s\nbefore:\n%s", after, before)
	}
	engineRestarts(t, p)
	engineEndsWhileProbed(t, p)
}

// engineEndsWhileProbed kills dockerd while the proxy asks a new container for its health: what the host says is
// about docker and not about the app, and all hosts go back.
func engineEndsWhileProbed(t *testing.T, p *project) {
	t.Helper()
	vm2 := shared.Host("vm2")
	p.commit("third")
	p.write("config/deploy.yml", config("engine", flags, withEnv("UNHEALTHY_FOR: forever"), "deploy_timeout: 60"))
	probed := regexp.MustCompile(`vm2: wait until engine-web-[0-9a-f]* is healthy$`)
	r := p.runUntil(probed, func() { onHost(t, vm2, "pkill -KILL -x dockerd") }, "deploy")
	if r.code != 1 || !strings.Contains(r.all(), "Docker daemon") {
		t.Errorf("exit %d, or it does not speak of the daemon", r.code)
	}
	awaitEngine(t, vm2)
	p.write("config/deploy.yml", config("engine", flags))
	p.must("redeploy", "--skip-push", "--version", p.sh("cd "+p.dir+" && git rev-parse HEAD~"))
	serves(t, "engine.example.com", "second", all...)
	clean(t, "engine")
}

// engineRestarts restarts dockerd between the switch and the commit: the new container comes back by
// itself, and the deploy goes on.
func engineRestarts(t *testing.T, p *project) {
	t.Helper()
	release, done := p.deployHeldIn("post-app-boot")
	onHost(t, shared.Host("vm2"), "pkill -TERM -x dockerd; while pgrep -x dockerd >/dev/null && docker version >/dev/null 2>&1; do sleep 0.1; done")
	awaitEngine(t, shared.Host("vm2"))
	awaitVersion(t, "vm2", "engine.example.com", "second")
	release()
	if r := <-done; r.code != 0 {
		t.Errorf("exit %d", r.code)
	}
	serves(t, "engine.example.com", "second", all...)
	clean(t, "engine")
}

func awaitEngine(t *testing.T, h *lab.Host) {
	t.Helper()
	onHost(t, h, "until docker ps >/dev/null 2>&1; do sleep 0.1; done")
}

// awaitVersion waits until a host serves that version while a command is at work.
func awaitVersion(t *testing.T, vm, host, version string) {
	t.Helper()
	var status, body string
	for began := time.Now(); time.Since(began) < 20*time.Second; {
		if status, body = get(t, "http://"+vm+"/version", host); status == "200" && strings.TrimSpace(body) == version {
			return
		}
	}
	t.Errorf("%s serves %s %q", vm, status, body)
}

// A host that vanishes in mid-deploy undoes by itself; the others go back too, and the next
// command brings all in line.
func TestFault_host_cut_off(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("cut", "ssh:\n  user: root", withEnv("UNHEALTHY_FOR: 4s"))})
	p.must("deploy")
	p.commit("second")
	release, done := p.deployHeldIn("post-app-boot")
	vm3 := shared.Host("vm3")
	if err := vm3.Cut(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = vm3.Mend(context.Background()) }()
	release()
	r := <-done
	if r.code != 1 || !strings.Contains(r.stderr, "vm3") {
		t.Errorf("exit %d", r.code)
	}
	serves(t, "cut.example.com", "first", "vm1", "vm2")
	if err := vm3.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, "cut.example.com", "first", 60*time.Second)
	p.must("deploy")
	serves(t, "cut.example.com", "second", all...)
	clean(t, "cut")
}

// Of two deploys at once one wins; the other hears who holds the lock, and changes nothing.
func TestLock_lets_one_deploy_win(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("race")})
	version := p.sh("cd " + p.dir + " && git rev-parse HEAD")
	release, done := p.deployHeldIn("pre-deploy")
	before := state(t)
	r := p.fails(1, []string{"locked on vm1: deployer@example.com runs deploy of version " + version + " since 20", "hint:"}, "deploy")
	if strings.Contains(r.stderr, "pre-deploy") {
		t.Error("the second deploy went on")
	}
	if after := state(t); after != before {
		t.Errorf("the second deploy changed something:\n%s", after)
	}
	release()
	if r := <-done; r.code != 0 {
		t.Errorf("the first deploy: exit %d", r.code)
	}
	serves(t, "race.example.com", "first", all...)
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

// endProxy is shell text for a hook that ends the proxy of a host.
func endProxy(vm, how string) string {
	return "ssh -o StrictHostKeyChecking=no root@" + vm + " docker " + how + " mrsk-proxy >/dev/null\n"
}

// A proxy that ends behind the switch is started again, or all hosts go back; behind the commit the
// command fails where it cannot be started.
func TestFault_proxy_that_ends_during_a_deploy(t *testing.T) {
	fresh(t)
	const host, hooks = "ended.example.com", ".mrsk/hooks/"
	p := newProject(t, map[string]string{"config/deploy.yml": config("ended")})
	p.must("deploy")
	p.write(hooks+"post-app-boot", "#!/bin/sh\n"+endProxy("vm1", "kill")+endProxy("vm2", "stop -t 1"))
	p.commit("second")
	if r := p.must("deploy"); strings.Count(r.all(), "the proxy had ended during the rollout and was started again") != 2 {
		t.Error("it does not tell of two proxies that were started again")
	}
	serves(t, host, "second", all...)

	p.write(hooks+"post-app-boot", "#!/bin/sh\n"+endProxy("vm3", "rm -f"))
	p.commit("third")
	p.fails(1, []string{"vm3", "cannot be started again: run mrsk proxy boot"}, "deploy")
	serves(t, host, "second", "vm1", "vm2")
	p.sh("rm " + p.dir + "/" + hooks + "post-app-boot")
	p.must("proxy", "boot")
	serves(t, host, "second", all...)
	p.must("deploy")
	serves(t, host, "third", all...)

	// While the old containers answer a slow request.
	const booted = ` "grep -q 'Booted app version $MRSK_VERSION' ~/.mrsk/ended-audit.log"; do sleep 0.1; done` + "\n"
	p.write(hooks+"pre-deploy", "#!/bin/sh\nfor vm in vm2 vm3; do (curl -s -H 'Host: "+host+"' \"http://$vm/slow?ms=20000\" &) >/dev/null 2>&1; done; sleep 0.5\n")
	p.write(hooks+"post-app-boot", "#!/bin/sh\n(until ssh root@vm3"+booted+endProxy("vm2", "kill")+endProxy("vm3", "rm -f")+") </dev/null >/tmp/ended 2>&1 &\n")
	p.commit("fourth")
	p.fails(1, []string{"vm2: warning: the proxy had ended", "vm3", "cannot be started again: run mrsk proxy boot"}, "deploy")
	serves(t, host, "fourth", "vm1", "vm2")
	p.must("proxy", "boot")
	serves(t, host, "fourth", all...)
}
