package engine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// on is an engine whose commands a test runs as a user would type them.
type on struct {
	t *testing.T
	*Engine
	stdin string
}

func newOn(t *testing.T) *on {
	t.Helper()
	return &on{t: t, Engine: New("a", NewRegistry())}
}

// try runs a command; the words of more may have blanks.
func (o *on) try(line string, more ...string) (said string, status int) {
	out := &strings.Builder{}
	status = o.Run(o.t.Context(), Call{
		Args: append(strings.Fields(line), more...), Stdout: out, Stderr: out, Dir: o.t.TempDir(),
		Read: func(path string) ([]byte, error) {
			if path != "/dev/stdin" {
				return nil, errors.New("no such file")
			}
			return []byte(o.stdin), nil
		},
		Env: func(name string) string { return "value of " + name },
	})
	return strings.TrimSpace(out.String()), status
}

// do is try for what must succeed.
func (o *on) do(line string, more ...string) string {
	o.t.Helper()
	said, status := o.try(line, more...)
	if status != 0 {
		o.t.Fatalf("docker %s %q: status %d: %s", line, more, status, said)
	}
	return said
}

// refuses expects a command to fail with a text.
func (o *on) refuses(status int, text, line string, more ...string) {
	o.t.Helper()
	if said, got := o.try(line, more...); got != status || !strings.Contains(said, text) {
		o.t.Errorf("docker %s: status %d, said %q; want %d, %q", line, got, said, status, text)
	}
}

func (o *on) says(want, line string, more ...string) {
	o.t.Helper()
	if got := o.do(line, more...); got != want {
		o.t.Errorf("docker %s %q says\n%s\nwant\n%s", line, more, got, want)
	}
}

func TestUnknown_forms_fail_and_are_kept(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	for _, line := range []string{
		"swarm init", "ps --latest --quiet", "run --gpus all alpine", "ps --quiet --filter before=x",
		"inspect --type image x", "stop", "update x", "run --name",
	} {
		o.refuses(125, "does not know: docker "+line, line)
	}
	o.do("run --detach --name x alpine")
	o.refuses(125, "does not know", "inspect --format", "{{.State.Nonsense}}", "x")
	o.refuses(125, "as a table", "ps --all")
	o.refuses(64, "template parsing error", "inspect --format", "{{", "x")
	if n := len(o.Unknown()); n != 10 {
		t.Errorf("%d are kept: %q", n, o.Unknown())
	}
}

func TestContainers_live_as_docker_lets_them(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	state := "{{.State.Status}} {{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}}"
	id := o.do("run --detach --name x --restart always --label service=shop alpine sleep 1")
	o.says("running 0 always", "inspect --type container --format", state, "x")
	o.refuses(125, "is already in use", "create --name x alpine")
	o.refuses(1, "container is running", "rm x")
	o.do("update --restart on-failure:3", "x")
	o.says("on-failure 3", "inspect --format", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}", id[:12])
	o.do("rename x y")
	o.do("stop -t 10 y")
	o.says("exited 0 on-failure", "inspect --format", state, id)
	o.refuses(1, "is not running", "exec y true")
	o.refuses(1, "is not running", "kill y")
	o.do("start y")
	o.do("kill y")
	o.says("exited 137 on-failure", "inspect --format", state, "y")
	o.refuses(1, "No such container: z", "rm z y")
	o.says("", "ps --all --quiet")
	o.do("create --name z alpine")
	o.says("created", "inspect --format", "{{.State.Status}}", "z")
	o.refuses(1, "No such object: x", "inspect --format", "{{.Name}}", "x", "z")
	o.refuses(1, "already in use", "rename z z")
	o.refuses(1, "not paused", "unpause z")
}

// A restart policy starts again what ends by itself, and not what was stopped.
func TestEnd_follows_the_restart_policy(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		"no": "exited 2 0", "always": "running 0 1", "unless-stopped": "running 0 1", "on-failure": "running 0 1",
	} {
		o := newOn(t)
		o.do("run --detach --name x --restart", policy, "alpine")
		o.End("x", 2)
		o.says(want, "inspect --format", "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}", "x")
	}
}

func TestPs_filters_and_shows(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.do("network create mrsk")
	one := o.do("run --detach --name one --label service=shop --label role=web --network mrsk --publish 127.0.0.1:80:8080 alpine")
	two := o.do("run --detach --name two --label service=shop --label role=job busybox")
	o.do("stop two")
	o.says(one, "ps --quiet --no-trunc")
	o.says(two+"\n"+one, "ps --all --quiet --no-trunc --filter label=service=shop")
	o.says(one[:12], "ps --quiet --filter label=service=shop --filter label=role=web")
	o.says("", "ps --quiet --filter label=role=job")
	o.says("two", "ps --filter status=exited --format {{.Names}}")
	o.says("one shop", "ps --format", `{{.Names}} {{.Label "service"}}`)
	o.says("one", "ps --format {{.Names}} --filter name=^one$ --filter name=^three$")
	o.says("one", "ps --format {{.Names}} --filter network=mrsk --filter publish=80 --filter ancestor=alpine")
	o.says(`["mrsk",[{"HostIp":"127.0.0.1","HostPort":"80"}]]`, "inspect --format",
		`["{{.HostConfig.NetworkMode}}",{{json (index .HostConfig.PortBindings "8080/tcp")}}]`, "one")
}

func TestPorts_and_networks_are_needed_to_start(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.do("run --detach --name one --publish 80:80 alpine")
	o.refuses(125, "port is already allocated", "run --detach --name two --publish 80:80 alpine")
	o.says("created", "inspect --format", "{{.State.Status}}", "two")
	o.refuses(1, "port is already allocated", "start two")
	o.do("stop one")
	o.do("start two")
	o.refuses(125, "network mrsk not found", "run --detach --network mrsk alpine")
	o.do("network create mrsk")
	o.refuses(1, "already exists", "network create mrsk")
	o.do("network connect --alias m-1 mrsk two")
	o.refuses(1, "already exists", "network connect mrsk two")
	o.says(`["m-1"] true`, "inspect --format",
		`{{with index .NetworkSettings.Networks "mrsk"}}{{json .Aliases}} {{ne .EndpointID ""}}{{end}}`, "two")
	o.refuses(1, "active endpoints", "network rm mrsk")
	o.do("network disconnect mrsk two")
	o.refuses(1, "is not connected", "network disconnect mrsk two")
	o.do("network rm mrsk")
	o.refuses(1, "not found", "network rm mrsk")
	o.says("", "network ls --quiet --filter name=^mrsk$")
}

func TestEnvironment_comes_as_mrsk_sends_it(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.stdin = "TOKEN=a=b\nEMPTY=\n"
	o.do("run --detach --name x --env-file /dev/stdin --env CLEAR=1 --env BY_NAME alpine")
	if got := strings.Join(o.Environment("x"), " "); got != "BY_NAME=value of BY_NAME CLEAR=1 EMPTY= TOKEN=a=b" {
		t.Error(got)
	}
	o.refuses(125, "no such file", "run --detach --env-file /dev/fd/6 alpine")
	if o.Environment("y") != nil {
		t.Error("a container that is not there has an environment")
	}
}

func TestImages_and_their_names(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	const ref = "registry.example.com/shop"
	o.refuses(1, "manifest unknown", "pull --quiet", ref+":v1")
	o.registry.Push(ref+":v1", map[string]string{"service": "shop"}, nil)
	o.registry.Protect("registry.example.com", "u", "p")
	o.refuses(1, "no basic auth credentials", "pull --quiet", ref+":v1")
	o.stdin = "wrong"
	o.refuses(1, "unauthorized", "login registry.example.com -u u --password-stdin")
	o.stdin = "p"
	o.do("login registry.example.com -u u --password-stdin")
	o.do("pull --quiet", ref+":v1")
	o.do("tag", ref+":v1", ref+":latest")
	digest := o.do("image ls --all --no-trunc --digests --format", "{{.Digest}}", ref+":latest")
	o.says(`["`+ref+`:v1","`+ref+`:latest"]["`+ref+`@`+digest+`"]shop`, "image inspect --format",
		`{{json .RepoTags}}{{json .RepoDigests}}{{index .Config.Labels "service"}}`, ref+":v1")
	o.says(ref+" v1\n"+ref+" latest", "image ls --all --format", "{{.Repository}} {{.Tag}}", ref)

	// A tag that is pulled anew moves, and the image that had it stays without one.
	o.do("run --detach --name x", ref+":v1")
	o.registry.Push(ref+":v1", map[string]string{"service": "shop", "new": "1"}, nil)
	o.do("image rm", ref+":latest")
	o.do("pull --quiet", ref+":v1")
	old := o.do("image ls --all --quiet --no-trunc --filter dangling=true --filter label=service=shop")
	o.refuses(1, "is using its referenced image", "image rm", old)
	o.do("rm --force x")
	o.do("image rm", old)
	o.refuses(1, "No such image", "image rm", old)
	o.do("pull --quiet", ref+"@"+digest)
	o.do("logout registry.example.com")
	o.refuses(125, "no basic auth", "run --detach", ref+":v2")
	o.says("ran ls", "run --rm docker.io/library/traefik:v3 ls")
}

func TestBuild_pushes_or_loads(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	file := filepath.Join(t.TempDir(), "metadata")
	o.do("buildx create --name b --driver=docker-container")
	o.do("buildx inspect b")
	o.refuses(1, "no builder", "buildx inspect c")
	o.do("buildx build --output=type=registry --builder b -t r.test/shop:v1 -t r.test/shop:latest --label service=shop --metadata-file", file, ".")
	text, err := os.ReadFile(file)
	if got := strings.Join(o.registry.Tags(), " "); err != nil || got != "r.test/shop:latest r.test/shop:v1" || !strings.Contains(string(text), "sha256:") {
		t.Errorf("%s, %s, %v", got, text, err)
	}
	o.do("buildx build --output=type=docker -t r.test/shop:dev .")
	o.do("push r.test/shop:dev")
	o.refuses(1, "does not exist locally", "push r.test/shop:v9")
	o.do("buildx rm b")
}

func TestVolumes(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.do("volume create --label mrsk.record=x mrsk-freeze.shop")
	o.says("x", "volume inspect --format", `{{index .Labels "mrsk.record"}}`, "mrsk-freeze.shop")
	o.do("run --detach --name x --volume data:/data alpine")
	o.says("data", "volume ls --quiet --filter dangling=false")
	o.says("mrsk-freeze.shop", "volume ls --quiet --filter dangling=true --filter name=mrsk --filter label=mrsk.record")
	o.refuses(1, "in use", "volume rm data")
	o.refuses(1, "no such volume", "volume inspect nothing")
	o.refuses(1, "no such volume", "volume rm nothing")
	o.do("volume rm --force nothing mrsk-freeze.shop")
}

func TestLogs_are_followed_to_the_end_of_the_container(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.Behave("alpine", Habit{Log: []string{"one", "two"}})
	o.do("run --detach --name x alpine")
	o.says("two", "logs --tail 1 x")
	ended := make(chan string)
	go func() { said, _ := o.try("logs --follow --tail 1 x"); ended <- said }()
	o.End("x", 0)
	o.do("version --format", "{{.Server.Version}}") // a change that wakes the reader
	if said := <-ended; said != "two" {
		t.Error(said)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.do("start x")
	if status := o.Run(ctx, Call{Args: []string{"logs", "--follow", "x"}, Stdout: &strings.Builder{}}); status != 0 {
		t.Error(status)
	}
}

func TestFaults_come_when_they_are_asked_for(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.Fail(Fault{Command: "pull", Says: "no space left on device", Times: 2, Skip: 1})
	o.do("pull alpine")
	o.refuses(1, "no space left", "pull alpine")
	o.refuses(1, "no space left", "pull alpine")
	o.do("pull alpine")
	o.Fail(Fault{Command: "ps", Status: 7})
	o.refuses(7, "", "ps --quiet")
	o.Heal()
	o.do("ps --quiet")
}

// The program is found in PATH, as sh finds it, and stands for docker's.
func TestServe_is_a_docker_for_shells(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	bin := Serve(t, o.Engine)
	run := func(script string) string {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", script)
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "SECRET=s")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", script, err)
		}
		return strings.TrimSpace(string(out))
	}
	run(`printf 'A=1\nB=2\n' | docker run --detach --name x --env-file /dev/stdin --env SECRET alpine`)
	if got := strings.Join(o.Environment("x"), " "); got != "A=1 B=2 SECRET=s" {
		t.Error(got)
	}
	if got := run(`docker rm x 2>/dev/null; echo $?; timeout 5 docker inspect --format '{{.Name}}' x | tr a-z A-Z`); got != "1\n/X" {
		t.Error(got)
	}
	if got := run(`timeout 0.1 sleep 5; echo $?; timeout 5 sh -c 'echo "$1"' x y`); got != "124\ny" {
		t.Error(got)
	}
	if got := run(`docker run --env-file /nowhere alpine 2>&1; echo $?`); !strings.Contains(got, "no such file") {
		t.Error(got)
	}
}
