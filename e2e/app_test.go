//go:build e2e

package e2e

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
)

const appSecrets = `REGISTRY_PASSWORD=secret-of-the-registry
SECRET='its a "secret" with $HOME'
LINES="first
second"
SECRET_TAG=TAGME
`

// stopped stops and starts the app, and boots it anew.
func stopped(t *testing.T, p *project) {
	p.must("app", "stop")
	for _, url := range []string{"http://vm1/version", "https://vm2/version"} {
		if status, _ := get(t, url, listHost); status != "502" {
			t.Errorf("%s says %s after app stop", url, status)
		}
	}
	for _, vm := range all {
		if running := containers(t, shared.Host(vm), "label=service=list"); len(running) > 0 {
			t.Errorf("%s still runs %v", vm, running)
		}
	}
	p.must("app", "stop") // what has stopped is left alone
	p.must("app", "start")
	serves(t, listHost, "second", "vm1", "vm2")
	for _, filter := range []string{"vm3 label=role=workers", "vm3 label=role=jobs"} {
		vm, label, _ := strings.Cut(filter, " ")
		if running := containers(t, shared.Host(vm), "label=service=list", label); len(running) != 1 {
			t.Errorf("%s: %v", filter, running)
		}
	}
	p.must("app", "start")
	p.write("version", "third")
	p.sh("cd " + p.dir + " && git commit -qam third")
	r := p.must("app", "boot", "--verbose") // of the version that runs
	for _, want := range []string{"says-pre-app-boot", "says-post-app-boot"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("app boot --verbose does not show %s", want)
		}
	}
	serves(t, listHost, "second", "vm1", "vm2")
}

func appRemoved(t *testing.T, p *project) {
	p.fails(1, []string{"apps are still behind the proxy", "list-web-"}, "proxy", "remove")
	p.must("app", "remove")
	if status, _ := get(t, "http://vm1/version", listHost); status != "502" {
		t.Errorf("after app remove vm1 says %s", status)
	}
	left := onHost(t, shared.Host("vm1"), `docker ps -aq --filter label=service=list; docker image ls -q registry:5000/list; docker exec mrsk-proxy ls /mrsk/pages; docker volume ls -q --filter name=mrsk-assets`)
	if left != "" {
		t.Errorf("left on vm1: %s", left)
	}
}

func listed(t *testing.T, p *project, version string) {
	for _, args := range [][]string{{"app", "details"}, {"app", "containers"}, {"app", "images"}, {"app", "version"}, {"details"}} {
		r := p.must(args...)
		for _, want := range []string{"App Host: vm1\n", "App Host: vm2\n", version[:7]} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("%v does not show %q", args, want)
			}
		}
		if args[0] == "details" && strings.Count(r.stdout, "Proxy Host: vm") != 2 {
			t.Error("details does not show the proxies")
		}
	}
	if r := p.must("app", "version", "-q", "--primary"); r.stdout != version+"\n" {
		t.Errorf("app version -q --primary prints %q", r.stdout)
	}
	var hosts []struct {
		Host       string
		Proxy      struct{ State string }
		Containers []struct{ Serving bool }
	}
	if err := json.Unmarshal([]byte(p.must("details", "--json").stdout), &hosts); err != nil {
		t.Fatal(err)
	}
	if len(hosts) != 3 || hosts[0].Proxy.State != "running" || len(hosts[0].Containers) != 1 || !hosts[0].Containers[0].Serving {
		t.Errorf("details --json: %+v", hosts)
	}
	for command, headers := range map[string]int{"app logs": 4, "app images": 3, "app containers": 3, "app exec --reuse hostname": 4} {
		if found := strings.Count(p.must(strings.Fields(command)...).stdout, "App Host: "); found != headers {
			t.Errorf("%s has %d headers, want %d", command, found, headers)
		}
	}
}

func logged(t *testing.T, p *project) {
	r := p.must("app", "logs", "--roles", "web")
	if strings.Count(r.stdout, "App Host: ") != 2 || strings.Contains(r.stdout, "vm3") {
		t.Errorf("app logs --roles web prints\n%s", r.stdout)
	}
	if r := p.must("app", "logs", "--grep", "nothing says this", "--hosts", "vm1"); !strings.Contains(r.stdout, "no lines") {
		t.Errorf("without a match app logs prints %q", r.stdout)
	}
	followed(t, p)
}

// followed follows the logs of all hosts while the app is booted anew.
func followed(t *testing.T, p *project) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*commandTime)
	defer cancel()
	out := newTranscript()
	cmd := p.command(ctx, "app", "logs", "-f", "-n", "1", "--roles", "web")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := func(text, vm string) int {
		return strings.Count(text, vm+": ") - strings.Count(text, vm+": waiting")
	}
	out.await(t, func(text string) bool { return lines(text, "vm1") > 0 && lines(text, "vm2") > 0 })
	pid := p.sh("cat " + p.pidFile())
	p.must("app", "boot", "--roles", "web")
	out.await(t, func(text string) bool { return lines(text, "vm1") > 1 && lines(text, "vm2") > 1 })
	p.sh("kill -INT " + pid)
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("app logs -f ends with %d after Ctrl-C", cmd.ProcessState.ExitCode())
	}
	for _, vm := range []string{"vm1", "vm2"} {
		if left := onHost(t, shared.Host(vm), "pgrep -f '[d]ocker logs' || true"); left != "" {
			t.Errorf("app logs -f has left processes on %s: %s", vm, left)
		}
	}
}

// TestApp_start_of_a_sick_container leaves no half of the app serving.
func TestApp_start_of_a_sick_container(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("sick", "servers: [vm1, vm2]", "deploy_timeout: 5", "env:\n  clear:\n    UNHEALTHY_FILE: /sick")})
	p.must("deploy")
	p.must("app", "stop")
	onHost(t, shared.Host("vm1"), "touch /tmp/sick && docker cp /tmp/sick $(docker ps -aq --filter label=service=sick):/sick")
	p.fails(1, []string{"did not become healthy within 5 seconds", "the database does not answer"}, "app", "start")
	if running := containers(t, shared.Host("vm1"), "label=service=sick"); len(running) > 0 {
		t.Errorf("vm1 runs %v", running)
	}
	for _, vm := range []string{"vm1", "vm2"} {
		if status, _ := get(t, "http://"+vm+"/version", "sick.example.com"); status != "502" {
			t.Errorf("%s says %s", vm, status)
		}
	}
	p.must("app", "boot")
	serves(t, "sick.example.com", "first", "vm1", "vm2")
}

func executed(t *testing.T, p *project) {
	r := p.must("app", "exec", "cat", "/etc/app-version")
	if strings.Count(r.stdout, "App Host: ") != 4 || strings.Count(r.stdout, "first\n") != 4 {
		t.Errorf("app exec prints\n%s", r.stdout)
	}
	r = p.must("app", "exec", "--reuse", "--roles", "web", "env")
	if !strings.Contains(r.stdout, "MRSK_HOST=vm1\n") || !strings.Contains(r.stdout, "MRSK_HOST=vm2\n") {
		t.Errorf("exec --reuse env prints\n%s", r.stdout)
	}
	untagged, tagged, _ := strings.Cut(r.stdout, "App Host: vm2\n")
	if strings.Contains(untagged, "TAG=") || !strings.Contains(tagged, "TAG=clear tag\n") || !strings.Contains(tagged, "SECRET_TAG=TAGME\n") {
		t.Errorf("the variables of a tag are not where they should be:\n%s", r.stdout)
	}
	aliased(t, p)
	const secrets = "CLEAR=clear value\nLINES=first\nsecond\nSECRET=its a \"secret\" with $HOME\nEXTRA=a:b\n"
	r = p.must("app", "exec", "--primary", "--raw", "-e", "EXTRA:a:b", "env")
	for line := range strings.Lines(secrets) {
		if !strings.Contains(r.stdout, line) {
			t.Errorf("a new container lacks %q:\n%s", line, r.stdout)
		}
	}
	if r := p.mrsk("app", "exec", "--primary", "sh -c 'exit 7'"); r.code != 7 {
		t.Errorf("exit 7 becomes %d", r.code)
	}
	if r := p.mrsk("app", "exec", "sh", "-c", "exit 7"); r.code != 1 {
		t.Errorf("exit 7 on three hosts becomes %d", r.code)
	}
	binary(t, p)
	piped(t, p)
	terminal(t, p)
	detached(t, p)
	if r := p.must("server", "exec", "echo $((40+2)); hostname"); strings.Count(r.stdout, "42\n") != 3 || !strings.Contains(r.stdout, "vm2\n") {
		t.Errorf("server exec prints\n%s", r.stdout)
	}
}

// aliased also has options where those of Kamal may be, and sees what hooks are told.
func aliased(t *testing.T, p *project) {
	t.Helper()
	if r := p.must("uname", "-o"); r.stdout != "GNU/Linux\n" {
		t.Errorf("an alias with one more word prints %q", r.stdout)
	}
	if r := p.must("worker"); !regexp.MustCompile(`^App Host: vm3\nvm3-[0-9a-f]{12}\n\n$`).MatchString(r.stdout) {
		t.Errorf("an alias for workers prints %q", r.stdout)
	}
	r := p.must("app", "exec", "--verbose", "ls", "-r", "web")
	if strings.Count(r.stdout, "App Host: ") != 2 || strings.Contains(r.stdout, "vm3") {
		t.Errorf("app exec ls -r web prints\n%s", r.stdout)
	}
	for _, want := range []string{"MRSK_ROLES=web", "MRSK_HOSTS=vm1,vm2", "MRSK_COMMAND=app", "MRSK_SUBCOMMAND=exec", "MRSK_SERVICE_VERSION=list@", "MRSK_RECORDED_AT=20"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("pre-connect is not told %s", want)
		}
	}
}

func binary(t *testing.T, p *project) {
	want := md5.Sum(make([]byte, 6<<20))
	for _, args := range [][]string{
		{"app", "exec", "--reuse", "--raw", "--primary", "head -c 6291456 /dev/zero"},
		{"app", "exec", "--raw", "--primary", "head -c 6291456 /dev/zero"},
		{"server", "exec", "--raw", "--primary", "head -c 6291456 /dev/zero"},
	} {
		sum := md5.Sum([]byte(p.quiet(args...)))
		if sum != want {
			t.Errorf("%v: md5 %s", args, hex.EncodeToString(sum[:]))
		}
	}
}

// quiet runs the tool without a word in the test's log, and returns its stdout.
func (p *project) quiet(args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), commandTime)
	defer cancel()
	out, err := p.command(ctx, args...).Output()
	if err != nil {
		p.t.Errorf("mrsk %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

func piped(t *testing.T, p *project) {
	for _, reuse := range []string{"--reuse=true", "--reuse=false"} {
		ctx, cancel := context.WithTimeout(t.Context(), commandTime)
		cmd := p.command(ctx, "app", "exec", "-i", reuse, "sh", "-c", `cat; echo "$SECRET"`)
		cmd.Stdin = strings.NewReader("what was\x00 piped\n")
		out, err := cmd.Output()
		cancel()
		if want := "what was\x00 piped\nits a \"secret\" with $HOME\n"; err != nil || string(out) != want {
			t.Errorf("exec -i %s: %v, %q", reuse, err, out)
		}
	}
}

// typeAtPrompt types a line as soon as a prompt is there, and keeps the input open to the end.
const typeAtPrompt = `out=/tmp/typed.%d; rm -f $out*; cd %s
(until grep -qs '[#$] ' $out || [ -e $out.done ]; do sleep 0.1; done; echo 'echo "tty: $(test -t 0 && echo yes) $SECRET"; exit 3'
  until [ -e $out.done ]; do sleep 0.1; done) |
{ TERM=xterm timeout 60 script -qec "mrsk %s" /dev/null >$out; echo "status $?" >>$out; touch $out.done; }
cat $out`

// terminal gives mrsk a terminal of its own, by script(1).
func terminal(t *testing.T, p *project) {
	var together sync.WaitGroup
	for i, c := range []struct{ args, want string }{
		{"app exec -i sh", `yes its a "secret" with $HOME`},
		{"app exec -i --reuse sh", `yes its a "secret" with $HOME`},
		{"server exec -i --hosts vm2 sh", "yes "},
		{"server exec -i --hosts vm3 sh", "yes "},
	} {
		run := fmt.Sprintf(typeAtPrompt, i, p.dir, c.args)
		together.Go(func() {
			out, err := shared.Deployer.Exec(t.Context(), "sh", "-c", run)
			for _, want := range []string{c.want, "status 3"} {
				if err != nil || !strings.Contains(out, want) {
					t.Errorf("%s on a terminal has no %q: %v\n%s", c.args, want, err, out)
				}
			}
		})
	}
	together.Wait()
	for _, vm := range all {
		if left := onHost(t, shared.Host(vm), "ls /root/.mrsk | grep run- || true"); left != "" {
			t.Errorf("left in .mrsk of %s: %s", vm, left)
		}
	}
}

func detached(t *testing.T, p *project) {
	p.must("app", "exec", "--detach", "--primary", "lab sleep")
	names := containers(t, shared.Host("vm1"), "name=list-web-exec-")
	if len(names) != 1 {
		t.Fatalf("exec --detach runs %v", names)
	}
	onHost(t, shared.Host("vm1"), "docker rm -f "+names[0])
}
