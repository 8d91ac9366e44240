//go:build e2e

package lab

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// need skips where there is no Docker engine, and says so.
func need(t *testing.T) {
	t.Helper()
	if _, err := docker(t.Context(), "version"); err != nil {
		t.Skip("no Docker engine answers: ", err)
	}
}

func bring(t *testing.T, o Options) *Lab {
	t.Helper()
	need(t)
	o.Log = t.Output()
	l, err := Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// soon bounds what a test waits for, so that one which hangs is told from the others.
func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 2*time.Minute)
}

// run is Exec for commands that must work.
func run(t *testing.T, h *Host, args ...string) string {
	t.Helper()
	ctx, cancel := soon(t.Context())
	defer cancel()
	out, err := h.Exec(ctx, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ssh runs a command on a host the way mrsk would, with a time limit.
func ssh(ctx context.Context, l *Lab, to, command string) (string, error) {
	ctx, cancel := soon(ctx)
	defer cancel()
	return l.Deployer.Exec(ctx, "ssh", "-o", "StrictHostKeyChecking=accept-new", "-o", "ConnectTimeout=3",
		"-o", "LogLevel=ERROR", to, command)
}

func mustSSH(t *testing.T, l *Lab, to, command string) string {
	t.Helper()
	out, err := ssh(t.Context(), l, to, command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLab_two_labs_run_side_by_side(t *testing.T) {
	t.Parallel()
	one := bring(t, Options{Hosts: 1})
	two := bring(t, Options{Hosts: 1})
	mustSSH(t, one, "vm1", "touch /tmp/mine")
	if _, err := ssh(t.Context(), two, "vm1", "cat /tmp/mine"); err == nil {
		t.Error("two labs share a host")
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	mustSSH(t, two, "vm1", "true")
}

func TestLab_hosts_have_shells_users_and_environment(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 3, Shells: []string{"dash", "bash", "busybox"}})
	for host, want := range map[string]string{"vm1": "/usr/bin/dash", "vm2": "/usr/bin/bash", "vm3": "/usr/bin/busybox"} {
		if got := mustSSH(t, l, host, "readlink -f /bin/sh"); got != want {
			t.Errorf("%s: /bin/sh is %s", host, got)
		}
	}
	for user, want := range map[string]string{
		"root": "/bin/bash abcd root", "deploy": "/bin/sh abcd docker", "fisher": "/usr/bin/fish abcd docker",
	} {
		got := mustSSH(t, l, user+"@vm3", `echo $SHELL $HOST_TOKEN; docker info > /dev/null; and echo; id -Gn`)
		if user == "fisher" {
			got = strings.ReplaceAll(got, "\n\n", "\n")
		}
		for word := range strings.FieldsSeq(want) {
			if !strings.Contains(got, word) {
				t.Errorf("%s: got %q, want %s", user, got, word)
			}
		}
	}
}

func TestLab_runs_an_app_from_the_registry(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 2, Balanced: []string{"vm1"}})
	run(t, l.Host("vm1"), "docker", "run", "-d", "-p", "80:80", "-e", "VERSION=v1", "-e", "ODD=a\nb", "registry:5000/sample")
	traffic, err := l.Traffic(t.Context(), TrafficOptions{
		URLs: []string{"http://vm1/version", l.URL() + "/version"}, Rate: 50, Slow: 1, SlowFor: time.Second, Upload: 1, SlowBody: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, l.Deployer, "curl", "-sf", "http://vm1/env"); !strings.Contains(got, `"ODD":"YQpi"`) {
		t.Errorf("environment: %s", got)
	}
	report, err := traffic.Stop()
	if err != nil || report.Lost != 0 || report.Total == 0 || report.Versions["v1"].Count != report.Total {
		t.Errorf("%s, %v", report, err)
	}
}

func TestLab_traffic_sees_what_is_lost(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	run(t, l.Host("vm1"), "docker", "run", "-d", "--name", "app", "-p", "80:80", "registry:5000/sample")
	traffic, err := l.Traffic(t.Context(), TrafficOptions{URLs: []string{"http://vm1/version"}, Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	run(t, l.Host("vm1"), "docker", "restart", "-t", "0", "app")
	report, err := traffic.Stop()
	if err != nil || report.Lost == 0 || len(report.Failures) == 0 || report.OK == 0 {
		t.Errorf("%s, %v: want losses in a restart", report, err)
	}
}

// The image built here is what tests of mrsk build: nothing is compiled.
func TestLab_deployer_builds_and_pushes(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	const dockerfile = "FROM registry:5000/sample\nARG V\nRUN echo $V > /etc/app-version\n"
	if err := l.Deployer.Write(t.Context(), "/src/Dockerfile", 0o644, []byte(dockerfile)); err != nil {
		t.Fatal(err)
	}
	name := "registry:5000/app"
	run(t, l.Deployer, "docker", "buildx", "build", "-q", "--push", "--build-arg", "V=v7", "-t", name, "/src")
	run(t, l.Host("vm1"), "docker", "run", "-d", "-p", "80:80", name)
	if got := run(t, l.Deployer, "curl", "-s", "--retry", "5", "--retry-connrefused", l.URL()); got != "v7" {
		t.Errorf("got %q", got)
	}
}

// Both build and push "app", as any two tests may.
func TestLab_registries_are_apart_unless_a_store_is_named(t *testing.T) {
	t.Parallel()
	store := "e2e" + randomName()
	one := bring(t, Options{Store: store})
	t.Cleanup(func() { docker(context.Background(), "volume", "rm", "mrsk-lab-registry-"+store) })
	t.Cleanup(func() { one.Close() })
	run(t, one.Deployer, "docker", "pull", "-q", "registry:5000/busybox")
	run(t, one.Deployer, "docker", "tag", "registry:5000/busybox", "registry:5000/mine")
	run(t, one.Deployer, "docker", "push", "-q", "registry:5000/mine")
	other := bring(t, Options{})
	if _, err := other.Deployer.Exec(t.Context(), "docker", "pull", "registry:5000/mine"); err == nil {
		t.Error("one lab has what another pushed")
	}
	must(t, one.Close())
	later := bring(t, Options{Store: store})
	t.Cleanup(func() { later.Close() })
	run(t, later.Deployer, "docker", "pull", "-q", "registry:5000/mine")
}

func TestLab_traefik_serves_the_app(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	vm := l.Host("vm1")
	// Traefik reads no .json files; JSON is YAML.
	const routes = `{"http":{"routers":{"a":{"rule":"PathPrefix(` + "`/`" + `)","service":"a"}},
		"services":{"a":{"loadBalancer":{"servers":[{"url":"http://m-1:80"}]}}}}}`
	run(t, vm, "docker", "network", "create", "mrsk")
	run(t, vm, "docker", "run", "-d", "--network", "mrsk", "--network-alias", "m-1", "-e", "VERSION=v1", "registry:5000/sample")
	run(t, vm, "docker", "run", "-d", "--name", "proxy", "--network", "mrsk", "-p", "80:80", "registry:5000/traefik:v3.7",
		"--entryPoints.web.address=:80", "--providers.file.directory=/routes", "--providers.file.watch=true")
	run(t, vm, "docker", "exec", "proxy", "sh", "-c", "test -x /bin/nc -a -x /bin/wget -a ! -e /bin/find")
	if err := vm.Write(t.Context(), "/tmp/routes/a.yml", 0o644, []byte(routes)); err != nil {
		t.Fatal(err)
	}
	run(t, vm, "docker", "cp", "/tmp/routes", "proxy:/routes")
	run(t, vm, "docker", "restart", "-t", "1", "proxy")
	if got := run(t, l.Deployer, "curl", "-sf", "--retry", "20", "--retry-all-errors", "--retry-delay", "1", l.URL()); got != "v1" {
		t.Errorf("got %q", got)
	}
}

func TestHost_killed_and_revived_keeps_its_containers(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	vm := l.Host("vm1")
	key := run(t, vm, "cat", "/etc/ssh/ssh_host_ed25519_key.pub")
	run(t, vm, "docker", "run", "-d", "--name", "app", "--restart", "unless-stopped", "-p", "80:80", "registry:5000/sample")
	must(t, vm.Kill(t.Context()))
	if _, err := ssh(t.Context(), l, "vm1", "true"); err == nil {
		t.Error("a killed host answers")
	}
	must(t, vm.Revive(t.Context()))
	if got := mustSSH(t, l, "vm1", "docker ps -a --format '{{.Names}}'"); got != "app" {
		t.Errorf("containers after the revival: %q", got)
	}
	if got := run(t, vm, "cat", "/etc/ssh/ssh_host_ed25519_key.pub"); got != key {
		t.Error("the host key has changed")
	}
	run(t, l.Deployer, "curl", "-sf", "--retry", "10", "--retry-all-errors", "--retry-delay", "1", "http://vm1/up")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestHost_paused_hangs_till_it_goes_on(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	must(t, l.Host("vm1").Pause(t.Context()))
	if _, err := ssh(t.Context(), l, "vm1", "true"); err == nil {
		t.Error("a paused host answers")
	}
	must(t, l.Host("vm1").Unpause(t.Context()))
	mustSSH(t, l, "vm1", "true")
}

func TestHost_cut_is_silent_and_mended_goes_on(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	vm := l.Host("vm1")
	before := run(t, vm, "hostname", "-I")
	ctx, cancel := soon(t.Context())
	defer cancel()
	open := l.Deployer.Command(ctx, "ssh", "-o", "StrictHostKeyChecking=accept-new", "vm1", "echo up; read line; echo got $line")
	stdin, _ := open.StdinPipe()
	stdout, _ := open.StdoutPipe()
	must(t, open.Start())
	read(t, stdout, "up\n")
	must(t, vm.Cut(t.Context()))
	if _, err := ssh(t.Context(), l, "vm1", "true"); err == nil {
		t.Error("a host that is cut off answers")
	}
	stdin.Write([]byte("word\n"))
	must(t, vm.Mend(t.Context()))
	read(t, stdout, "got word\n")
	must(t, open.Wait())
	if after := run(t, vm, "hostname", "-I"); after != before {
		t.Errorf("address was %s, is %s", before, after)
	}
}

func read(t *testing.T, from interface{ Read([]byte) (int, error) }, want string) {
	t.Helper()
	got := make([]byte, len(want))
	for n := 0; n < len(got); {
		m, err := from.Read(got[n:])
		if n += m; err != nil && n < len(got) {
			t.Fatalf("got %q, want %q: %v", got[:n], want, err)
		}
	}
	if string(got) != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestLab_round_trip_time_slows_ssh(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 2, RTT: 300 * time.Millisecond})
	for _, host := range []string{"vm1", "vm2"} {
		start := time.Now()
		mustSSH(t, l, host, "true")
		// TCP, banners, key exchange, authentication, channel, exec: at least six.
		if took := time.Since(start); took < 6*300*time.Millisecond {
			t.Errorf("ssh to %s took %s", host, took)
		}
	}
	must(t, l.Host("vm1").Kill(t.Context()))
	must(t, l.Host("vm1").Revive(t.Context()))
	mustSSH(t, l, "vm1", "true")
	must(t, l.SetRTT(t.Context(), 0))
	mustSSH(t, l, "vm2", "true")
	if again, err := Open(t.Context(), l.Name); err != nil || len(again.Hosts) != 2 {
		t.Errorf("opened %+v, %v", again, err)
	}
}

func TestUp_refuses_a_name_that_is_taken(t *testing.T) {
	t.Parallel()
	l := bring(t, Options{Hosts: 1})
	if _, err := Up(t.Context(), Options{Name: l.Name}); !errors.Is(err, errRunning) {
		t.Errorf("got %v", err)
	}
	mustSSH(t, l, "vm1", "true")
}

func TestUp_removes_what_a_killed_process_left(t *testing.T) {
	t.Parallel()
	need(t)
	name := "dead" + randomName()
	ctx, cancel := soon(t.Context())
	defer cancel()
	dead := exec.CommandContext(ctx, os.Args[0], "-test.run", "TestHelper_leaves_a_lab", "-test.v")
	dead.Env = append(os.Environ(), "MRSK_LAB_LEAVE="+name)
	out, err := dead.CombinedOutput()
	if err == nil || !listed(t, name) {
		t.Fatalf("the helper left no lab: %v\n%s", err, out)
	}
	bring(t, Options{Hosts: 1})
	if listed(t, name) {
		t.Error("the dead lab is still there")
	}
}

func listed(t *testing.T, name string) bool {
	t.Helper()
	infos, err := List(t.Context())
	must(t, err)
	for _, info := range infos {
		if info.Name == name {
			return true
		}
	}
	return false
}

// TestHelper_leaves_a_lab is the process that is killed.
func TestHelper_leaves_a_lab(t *testing.T) {
	name := os.Getenv("MRSK_LAB_LEAVE")
	if name == "" {
		t.Skip("is run by another test")
	}
	_, err := Up(t.Context(), Options{Name: name, Hosts: 1})
	must(t, err)
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
}
