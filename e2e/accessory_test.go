//go:build e2e

package e2e

import (
	"context"
	"crypto/md5"
	"strings"
	"testing"
)

// helper is an accessory that says a line, shows its file, and ends as soon as it is told to.
const helper = `
    image: registry:5000/busybox
    cmd: sh -c 'trap exit TERM; echo "Starting with $(cat /etc/helper/greeting)"; while :; do sleep 0.2; done'
    env: {clear: {WHERE: "on ${HOST_TOKEN}"}, secret: [LINES, TOKEN]}
    files:
      - {local: greeting, remote: /etc/helper/greeting, mode: "0640", owner: "1000:1000", options: ro}
    directories:
      - {local: data, remote: /data, mode: "0750", owner: "1000:1000"}
`

const helperSecrets = "REGISTRY_PASSWORD=x\nTOKEN=$(cat values/token)\nLINES=\"first\n\n  second\n\"\n"

// token is a value that something on the way could take for more than text.
const token = "it's \"quoted\" $HOME `id` 部署"

// helped is a project with the accessory helper on two hosts.
func helped(t *testing.T, more ...string) *project {
	t.Helper()
	onAll(t, "rm -rf /root/custom-helper /home/deploy/custom-helper")
	return newProject(t, map[string]string{
		"config/deploy.yml": config("acc", append([]string{"readiness_delay: 0", "accessories:\n  helper:\n    service: custom-helper\n    hosts: [vm1, vm2]" + helper}, more...)...),
		".mrsk/secrets":     helperSecrets,
		"values/token":      token,
		"greeting":          "hello\n",
	})
}

// onAll runs a script on all hosts.
func onAll(t *testing.T, script string) {
	t.Helper()
	for _, h := range shared.Hosts {
		onHost(t, h, script)
	}
}

// accessoryLife works on a project of its own, whose app is not deployed. Each of its steps needs the
// booted accessory.
func accessoryLife(t *testing.T) {
	dir := helped(t).dir
	for _, step := range []struct {
		name string
		do   func(t *testing.T, p *project)
	}{
		{"details", detailed},
		{"files and directories", mounted},
		{"env", accessoryEnv},
		{"exec is binary safe", accessoryBinary},
		{"a second boot is skipped", bootedTwice},
		{"stop, start, restart", restarted},
		{"logs", followedOnTwoHosts},
		{"remove", removed},
	} {
		t.Run(step.name, func(t *testing.T) {
			p := &project{t: t, dir: dir}
			p.must("accessory", "boot", "helper")
			step.do(t, p)
		})
	}
}

func detailed(t *testing.T, p *project) {
	r := p.must("accessory", "details", "helper")
	for _, want := range []string{"Accessory helper Host: vm1\n", "Accessory helper Host: vm2\n", "registry:5000/busybox", "running for", "sh -c trap exit TERM"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("accessory details does not show %q", want)
		}
	}
}

func accessoryEnv(t *testing.T, p *project) {
	want := "on abcd|" + token + "|first\n\n  second\n|vm1"
	for _, reuse := range []string{"--reuse=true", "--reuse=false"} {
		got := p.must("accessory", "exec", "helper", reuse, "--raw", "--hosts", "vm1", "--", "sh", "-c", `printf '%s|%s|%s|%s' "$WHERE" "$TOKEN" "$LINES" "$MRSK_HOST"`).stdout
		if got != want {
			t.Errorf("exec %s says %q, want %q", reuse, got, want)
		}
	}
}

func accessoryBinary(t *testing.T, p *project) {
	want := md5.Sum(make([]byte, 1<<20))
	if got := md5.Sum([]byte(p.quiet("accessory", "exec", "--reuse", "--raw", "--hosts", "vm2", "helper", "head -c 1048576 /dev/zero"))); got != want {
		t.Errorf("md5 %x, want %x", got, want)
	}
}

func bootedTwice(t *testing.T, p *project) {
	before := ids(t, "custom-helper")
	if r := p.must("accessory", "boot", "all"); !strings.Contains(r.stderr, "accessory helper is skipped on vm1, vm2: it runs there already") || strings.Contains(r.stderr, "is not changed") {
		t.Errorf("a second boot says\n%s", r.stderr)
	}
	if ids(t, "custom-helper") != before {
		t.Error("a second boot has made new containers")
	}
}

// ids are the containers of that name on all hosts.
func ids(t *testing.T, name string) string {
	t.Helper()
	all := ""
	for _, h := range shared.Hosts {
		all += onHost(t, h, "docker ps -aq --no-trunc --filter name=^"+name+"$") + " "
	}
	return strings.TrimSpace(all)
}

func mounted(t *testing.T, _ *project) {
	for _, vm := range []string{"vm1", "vm2"} {
		got := onHost(t, shared.Host(vm), `cd /root/custom-helper && stat -c '%a %u:%g' . etc/helper/greeting data && cat etc/helper/greeting &&
docker inspect -f '{{range .Mounts}}{{.Destination}} {{.RW}} {{end}}{{.HostConfig.RestartPolicy.Name}}' custom-helper | tr ' ' '\n' | sort -r | tr '\n' ' '`)
		if want := "700 0:0\n640 1000:1000\n750 1000:1000\nhello\nunless-stopped true false /etc/helper/greeting /data"; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", vm, got, want)
		}
	}
}

func restarted(t *testing.T, p *project) {
	before := ids(t, "custom-helper")
	runs := func(want int) {
		t.Helper()
		if n := len(containers(t, shared.Host("vm1"), "name=^custom-helper$")) + len(containers(t, shared.Host("vm2"), "name=^custom-helper$")); n != want {
			t.Errorf("%d containers run, want %d", n, want)
		}
	}
	p.must("accessory", "stop", "helper")
	runs(0)
	if r := p.must("accessory", "details", "helper"); strings.Count(r.stdout, "exited") != 2 {
		t.Errorf("after stop details says\n%s", r.stdout)
	}
	p.must("accessory", "start", "helper", "--hosts", "vm1")
	runs(1)
	p.must("accessory", "boot", "helper") // starts the other one
	runs(2)
	p.must("accessory", "restart", "helper")
	runs(2)
	if ids(t, "custom-helper") != before {
		t.Error("the same image and configuration has made new containers")
	}

	p.write("greeting", "welcome\n")
	if r := p.must("accessory", "boot", "helper"); !strings.Contains(r.stderr, "accessory helper is not changed on vm1, vm2, but its configuration has changed") {
		t.Errorf("boot with another file says\n%s", r.stderr)
	}
	p.must("accessory", "reboot", "helper")
	runs(2)
	if now := ids(t, "custom-helper"); now == before {
		t.Error("reboot has made no new containers")
	}
	if r := p.must("accessory", "logs", "helper", "-T"); strings.Count(r.stdout, "Starting with welcome") != 2 || strings.Count(r.stdout, "Accessory helper Host: ") != 2 {
		t.Errorf("logs after reboot are\n%s", r.stdout)
	}
	if r := p.must("audit", "--hosts", "vm2", "-q"); !strings.Contains(r.stdout, "Rebooted accessory helper") {
		t.Errorf("the audit log is\n%s", r.stdout)
	}
}

// followedOnTwoHosts follows the logs while new containers are made.
func followedOnTwoHosts(t *testing.T, p *project) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*commandTime)
	defer cancel()
	out := newTranscript()
	cmd := p.command(ctx, "accessory", "logs", "helper", "-f", "-T")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	starts := func(text, vm string) int { return strings.Count(text, vm+": Starting with ") }
	out.await(t, func(text string) bool { return starts(text, "vm1") == 1 && starts(text, "vm2") == 1 })
	pid := p.sh("cat " + p.pidFile())
	p.must("accessory", "reboot", "helper")
	out.await(t, func(text string) bool { return starts(text, "vm1") == 2 && starts(text, "vm2") == 2 })
	p.sh("kill -INT " + pid)
	_ = cmd.Wait()
	for _, vm := range []string{"vm1", "vm2"} {
		if n := starts(out.String(), vm); n != 2 {
			t.Errorf("%s has said %d lines:\n%s", vm, n, out.String())
		}
	}
}

func removed(t *testing.T, p *project) {
	precious := func() string {
		return onHost(t, shared.Host("vm1"), "cat /root/custom-helper/data/precious 2>/dev/null || echo gone")
	}
	onHost(t, shared.Host("vm1"), "echo data >/root/custom-helper/data/precious")
	p.fails(1, []string{"This deletes the folder custom-helper and all data in it on vm1, vm2."}, "accessory", "remove", "helper")
	if len(containers(t, shared.Host("vm1"), "name=^custom-helper$")) != 1 {
		t.Error("remove without an answer has removed the container")
	}
	p.must("accessory", "remove", "helper", "-y", "--keep-data")
	if ids(t, "custom-helper") != "" || precious() != "data" {
		t.Errorf("after remove --keep-data there are containers %q, and the data is %s", ids(t, "custom-helper"), precious())
	}
	p.must("accessory", "boot", "helper")
	p.must("accessory", "remove", "helper", "-y")
	if ids(t, "custom-helper") != "" || precious() != "gone" {
		t.Errorf("after remove there are containers %q, and the data is %s", ids(t, "custom-helper"), precious())
	}
	if left := onHost(t, shared.Host("vm1"), "ls -d /root/custom-helper 2>/dev/null; docker image ls -q registry:5000/busybox"); left != "" {
		t.Errorf("left on vm1: %s", left)
	}
	p.must("accessory", "remove", "helper", "-y") // what is not there need not be removed
	p.fails(1, []string{"no accessory matches nobody"}, "accessory", "boot", "nobody")
}

// A user in the docker group may neither give files away nor remove what containers have made.
func TestAccessory_of_a_user_who_is_not_root(t *testing.T) {
	fresh(t)
	p := helped(t, "ssh:\n  user: deploy")
	p.must("accessory", "boot", "helper", "--hosts", "vm3,vm2")
	got := onHost(t, shared.Host("vm2"), "cd /home/deploy/custom-helper && stat -c '%a %u:%g' etc/helper/greeting data && mkdir data/deep && touch data/deep/roots")
	if got != "640 1000:1000\n750 1000:1000" {
		t.Errorf("got %s", got)
	}
	if seen := onHost(t, shared.Host("vm2"), "chmod 644 /home/deploy/custom-helper/etc/helper/greeting; su -s /bin/sh nobody -c 'cat /home/deploy/custom-helper/etc/helper/greeting' 2>&1 || :"); !strings.Contains(seen, "Permission denied") {
		t.Errorf("another user of the host reads the file of an accessory: %s", seen)
	}
	p.must("accessory", "remove", "helper", "-y", "--hosts", "vm2")
	if left := onHost(t, shared.Host("vm2"), "ls -d /home/deploy/custom-helper 2>/dev/null || true"); left != "" {
		t.Errorf("left on vm2: %s", left)
	}
}

// proxied is a configuration of nothing but accessories, on a host that accessoryLife does not use.
const proxied = `service: lone
image: lone
registry: {server: "registry:5000", username: user, password: [REGISTRY_PASSWORD]}
readiness_delay: 1
deploy_timeout: 5
drain_timeout: 2
accessories:
  netcat:
    image: registry:5000/sample
    host: vm3
    env: {clear: {VERSION: netcat}}
    options: {stop-timeout: 1}
    proxy: {host: netcat.example.com, run: {image: "registry:5000/traefik:v3.7"}}
  once:
    image: registry:5000/sample
    host: vm3
    network: kamal
    cmd: sh -c 'echo done > /out/said'
    volumes: ["~/once:/out", "$HOME/once:/home", "$PWD/once:/pwd"]
    options: {restart: on-failure, init: false, publish: []}
`

// accessoryOnce does its work and ends, on the network that Kamal's files name.
func accessoryOnce(t *testing.T, p *project) {
	p.must("accessory", "boot", "once")
	const format = "{{.State.Status}} {{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.NetworkMode}}{{range .HostConfig.Binds}}\n{{.}}{{end}}"
	got := onHost(t, shared.Host("vm3"), "docker inspect -f '"+format+"' lone-once | sort; cat /root/once/said")
	if want := "/root/once:/home\n/root/once:/out\n/root/once:/pwd\nexited 0 on-failure mrsk\ndone"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	onHost(t, shared.Host("vm3"), "rm -r /root/once")
}

func accessoryServed(t *testing.T) {
	p := newProject(t, map[string]string{"config/deploy.yml": proxied})
	is := func(want string) {
		t.Helper()
		if status, _ := get(t, "http://vm3/version", "netcat.example.com"); status != want {
			t.Errorf("vm3 says %s, want %s", status, want)
		}
	}
	p.must("proxy", "boot")
	is("502")
	p.must("accessory", "boot", "netcat")
	is("200")
	accessoryOnce(t, p)
	if r := p.must("details"); !strings.Contains(r.stdout, "route lone-netcat.-accessory\n") || !strings.Contains(r.stdout, ", serving") || strings.Contains(r.stdout, "App Host") {
		t.Errorf("details prints\n%s", r.stdout)
	}
	p.must("accessory", "stop", "netcat")
	is("502")
	p.must("accessory", "start", "netcat")
	is("200")
	p.must("accessory", "restart", "netcat")
	is("200")
	p.must("accessory", "reboot", "netcat")
	is("200")
	onHost(t, shared.Host("vm3"), "docker kill lone-netcat")
	is("502")
	p.must("accessory", "boot", "netcat")
	is("200")
	p.write("config/deploy.yml", strings.Replace(proxied, "{VERSION: netcat}", "{VERSION: netcat, UNHEALTHY_FOR: forever}", 1))
	p.fails(1, []string{"vm3", "wait until lone-netcat is healthy", "did not become healthy within 5 seconds", "503"}, "accessory", "restart", "netcat")
	is("502")
	p.write("config/deploy.yml", proxied)
	p.must("accessory", "reboot", "netcat")
	is("200")
	p.must("accessory", "remove", "netcat", "-y")
	is("502")
	p.fails(1, []string{"no hosts to deploy to"}, "deploy")
	p.must("setup")
	is("200")
	p.must("remove", "-y")
	onHost(t, shared.Host("vm3"), "rm -r /root/once")
	if left := onHost(t, shared.Host("vm3"), "docker ps -aq; docker volume ls -q; docker network ls -q --filter name=^mrsk$"); left != "" {
		t.Errorf("left on vm3: %s", left)
	}
}

func TestAccessory_restart_takes_a_newer_image(t *testing.T) {
	fresh(t)
	push := func(version string) {
		onHost(t, shared.Deployer, "mkdir -p /tmp/helper && cd /tmp/helper && printf 'FROM registry:5000/busybox\nENV V="+version+"\n' >Dockerfile && docker build -q -t registry:5000/helper:1 . >/dev/null && docker push -q registry:5000/helper:1 >/dev/null")
	}
	onAll(t, "rm -rf /root/custom-helper")
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("newer", "accessories:\n  helper:\n    host: vm3\n    image: registry:5000/helper:1\n    cmd: sh -c 'trap exit TERM; while :; do sleep 0.2; done'\n    directories: [data:/data]\n    options: {health-cmd: 'true', health-interval: 1s}"),
	})
	version := func() string {
		return p.must("accessory", "exec", "helper", "--reuse", "--raw", "sh -c 'echo -n $V'").stdout
	}
	push("one")
	p.must("accessory", "boot", "helper")
	if r := p.must("accessory", "details", "helper"); !strings.Contains(r.stdout, ", healthy ") {
		t.Errorf("a boot has not waited for the health check:\n%s", r.stdout)
	}
	onHost(t, shared.Host("vm3"), "echo kept >/root/newer-helper/data/file")
	push("two")
	p.must("accessory", "stop", "helper")
	p.must("accessory", "start", "helper")
	if got := version(); got != "one" {
		t.Errorf("start asks no registry, and yet it runs %q", got)
	}
	p.must("accessory", "restart", "helper")
	if got := version(); got != "two" {
		t.Errorf("after restart it runs %q", got)
	}
	if got := onHost(t, shared.Host("vm3"), "docker exec newer-helper cat /data/file"); got != "kept" {
		t.Errorf("the data is %q", got)
	}
	onHost(t, shared.Host("vm3"), "docker tag registry:5000/helper:1 registry:5000/nowhere:1")
	p.write("config/deploy.yml", strings.Replace(p.sh("cat "+p.dir+"/config/deploy.yml")+"\n", "helper:1", "nowhere:1", 1))
	p.fails(1, []string{"vm3", "pull registry:5000/nowhere:1"}, "accessory", "restart", "helper")
	if got := version(); got != "two" {
		t.Errorf("after a pull that failed it runs %q", got)
	}
	p.must("accessory", "remove", "helper", "-y")
}

// An accessory that runs without the network of the proxy reaches nothing and is not found: a boot puts it right,
// and its data stays.
func TestAccessory_off_its_network(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("apart", "accessories:\n  store:\n    host: vm3\n    image: registry:5000/busybox\n    cmd: sh -c 'trap exit TERM; while :; do sleep 0.2; done'\n    directories: [data:/data]"),
	})
	p.must("accessory", "boot", "store")
	vm3 := shared.Host("vm3")
	onHost(t, vm3, "echo kept >/root/apart-store/data/file; docker network disconnect mrsk apart-store")
	if r := p.must("accessory", "details", "store"); !strings.Contains(r.stdout, "without the network mrsk") {
		t.Errorf("the details do not say that it is off its network:\n%s", r.stdout)
	}
	p.must("accessory", "boot", "store")
	if got := onHost(t, vm3, "docker run --rm --network mrsk registry:5000/busybox ping -c 1 -W 5 apart-store >/dev/null && docker exec apart-store cat /data/file"); got != "kept" {
		t.Errorf("after the boot its data is %q", got)
	}
	p.must("accessory", "remove", "store", "-y")
}

// A boot that fails on one host leaves the other alone, and says how things are.
func TestAccessory_that_cannot_run(t *testing.T) {
	fresh(t)
	onAll(t, "touch /tmp/crash")
	onHost(t, shared.Host("vm2"), "rm /tmp/crash")
	const accessories = "accessories:\n  sick:\n    image: registry:5000/sample\n    hosts: [vm1, vm2]\n    volumes: [\"/tmp:/tmp\"]\n    env: {clear: {CRASH_FILE: /tmp/crash}}\n    options: {stop-timeout: 1}"
	p := newProject(t, map[string]string{"config/deploy.yml": config("sickly", accessories)})
	p.fails(1, []string{"vm1: wait until sickly-sick is up", "container sickly-sick ended with exit status", "the last lines of its log", "its whole log is in"}, "accessory", "boot", "sick")
	if r := p.must("accessory", "details", "sick"); strings.Count(r.stdout, "exited (") != 1 || strings.Count(r.stdout, "running for") != 1 {
		t.Errorf("details after a failed boot:\n%s", r.stdout)
	}
	onHost(t, shared.Host("vm1"), "rm /tmp/crash")
	p.must("accessory", "boot", "sick")
	if r := p.must("accessory", "details", "sick"); strings.Count(r.stdout, "running for") != 2 {
		t.Errorf("details after the next boot:\n%s", r.stdout)
	}
	if policy := onHost(t, shared.Host("vm1"), "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' sickly-sick"); policy != "unless-stopped" {
		t.Errorf("the restart policy is %s", policy)
	}
	p.must("accessory", "remove", "sick", "-y")
}

func TestSetup_and_remove_with_accessories(t *testing.T) {
	fresh(t)
	onAll(t, "rm -rf /root/custom-helper")
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("full", "servers:\n  web:\n    hosts: [vm1, vm2]", "accessories:\n  helper:\n    service: custom-helper\n    host: vm3"+helper),
		".mrsk/secrets":     helperSecrets,
		"values/token":      token,
		"greeting":          "hello\n",
	})
	p.must("lock", "acquire", "-m", "moving house")
	p.fails(1, []string{"locked on vm3", "moving house"}, "accessory", "boot", "helper")
	p.must("lock", "release")
	r := p.must("setup")
	booted, switched := strings.Index(r.stderr, "vm3: wait until custom-helper is up: done"), strings.Index(r.stderr, "start container full-web-")
	if booted < 0 || switched < booted {
		t.Error("the app starts before the accessory is up")
	}
	serves(t, "full.example.com", "first", "vm1", "vm2")
	before := ids(t, "custom-helper")
	p.commit("second")
	p.must("setup")
	p.must("prune", "all")
	serves(t, "full.example.com", "second", "vm1", "vm2")
	if ids(t, "custom-helper") != before {
		t.Error("another setup has touched the accessory")
	}
	if r := p.must("details"); !strings.Contains(r.stdout, "Accessory helper Host: vm3\n") || strings.Contains(r.stdout, "App Host: vm3") {
		t.Errorf("details prints\n%s", r.stdout)
	}
	p.must("remove", "-y")
	for _, vm := range all {
		if left := onHost(t, shared.Host(vm), "docker ps -aq; docker volume ls -q; docker network ls -q --filter name=^mrsk$; ls -d /root/custom-helper 2>/dev/null || true"); left != "" {
			t.Errorf("left on %s: %s", vm, left)
		}
	}
}
