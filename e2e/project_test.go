//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"mrsk/lab"
)

// commandTime bounds one invocation of mrsk, and one of what looks at hosts.
const commandTime = 3 * time.Minute

// project is a checkout on the deployer.
type project struct {
	t   *testing.T
	dir string
	env []string
}

// result is what an invocation of mrsk printed and how it ended.
type result struct {
	stdout, stderr string
	code           int
}

func (r result) all() string { return r.stdout + r.stderr }

// long marks a test whose kind a shorter one covers too. With -short it is skipped.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("make e2e runs it")
	}
}

// fresh gives the test hosts on which nothing of mrsk is left.
func fresh(t *testing.T) {
	t.Helper()
	const clean = `docker ps -aq | xargs -r docker rm -fv >/dev/null
docker volume ls -q | grep '^mrsk-' | xargs -r docker volume rm >/dev/null
docker network rm mrsk >/dev/null 2>&1
docker image ls --format '{{.Repository}}:{{.Tag}}' | grep -v /traefik: | xargs -r docker image rm -f >/dev/null 2>&1
rm -rf /root/.mrsk /home/*/.mrsk`
	var all sync.WaitGroup
	for _, h := range shared.Hosts {
		all.Go(func() {
			if _, err := h.Exec(t.Context(), "sh", "-c", clean+"\ntrue"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// newProject makes a checkout with these files and commits it. The sample Dockerfile is added
// where there is none.
func newProject(t *testing.T, files map[string]string) *project {
	t.Helper()
	p := &project{t: t, dir: "/projects/" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))}
	p.sh("rm -rf " + p.dir + " && mkdir -p " + p.dir + " && git init -q " + p.dir)
	if _, given := files["Dockerfile"]; !given {
		p.write("Dockerfile", dockerfile)
	}
	if _, given := files[".mrsk/secrets"]; !given {
		p.write(".mrsk/secrets", "REGISTRY_PASSWORD=secret-of-the-registry\n")
	}
	for name, content := range files {
		p.write(name, content)
	}
	p.commit("first")
	return p
}

// dockerfile makes an image whose /version is the subject of the commit.
const dockerfile = `FROM registry:5000/sample
COPY version /etc/app-version
`

// write puts a file into the checkout; those in a hooks folder are executable.
func (p *project) write(name, content string) {
	p.t.Helper()
	mode := 0o644
	if strings.Contains(name, "hooks/") {
		mode = 0o755
	}
	if err := shared.Deployer.Write(p.t.Context(), path.Join(p.dir, name), fileMode(mode), []byte(content)); err != nil {
		p.t.Fatal(err)
	}
}

// commit makes a version whose pages say name, and returns its hash.
func (p *project) commit(name string) string {
	p.t.Helper()
	p.write("version", name)
	p.sh("cd " + p.dir + " && git add -A && git commit -q --allow-empty -m " + name)
	return p.sh("cd " + p.dir + " && git rev-parse HEAD")
}

func (p *project) sh(script string) string {
	p.t.Helper()
	return onHost(p.t, shared.Deployer, script)
}

// onHost runs a script as root on a host of the lab and returns what it prints.
func onHost(t *testing.T, h *lab.Host, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTime)
	defer cancel()
	out, err := h.Exec(ctx, "sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mrsk runs the tool in the checkout.
func (p *project) mrsk(args ...string) result {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), commandTime)
	defer cancel()
	began := time.Now()
	ran, err := shared.Deployer.Run(ctx, nil, p.line(args)...)
	if err != nil {
		p.t.Fatal(err)
	}
	r := result{string(ran.Stdout), string(ran.Stderr), ran.Code}
	p.t.Logf("$ mrsk %s  (exit %d, %.1f s)\n%s", strings.Join(args, " "), r.code, time.Since(began).Seconds(), r.all())
	return r
}

// pidFile has the process of the last mrsk that ran in the checkout.
func (p *project) pidFile() string { return "/tmp/mrsk-" + path.Base(p.dir) + ".pid" }

func (p *project) command(ctx context.Context, args ...string) *exec.Cmd {
	return shared.Deployer.Command(ctx, p.line(args)...)
}

// line runs the tool in the checkout.
func (p *project) line(args []string) []string {
	script := fmt.Sprintf(`cd %s && echo $$ >%s && exec env %s mrsk "$@"`, p.dir, p.pidFile(), strings.Join(p.env, " "))
	return append([]string{"sh", "-c", script, "mrsk"}, args...)
}

// must runs the tool and fails the test when it fails.
func (p *project) must(args ...string) result {
	p.t.Helper()
	r := p.mrsk(args...)
	if r.code != 0 {
		p.t.Fatalf("mrsk %s: exit %d", strings.Join(args, " "), r.code)
	}
	return r
}

// fails runs the tool, and fails the test unless it fails with that code and these words.
func (p *project) fails(code int, words []string, args ...string) result {
	p.t.Helper()
	r := p.mrsk(args...)
	if r.code != code {
		p.t.Fatalf("mrsk %s: exit %d, want %d", strings.Join(args, " "), r.code, code)
	}
	for _, w := range words {
		if !strings.Contains(r.all(), w) {
			p.t.Errorf("mrsk %s does not say %q", strings.Join(args, " "), w)
		}
	}
	return r
}

// plan runs mrsk plan, which ends with 3 if a deploy would change something.
func (p *project) plan(args ...string) result {
	p.t.Helper()
	r := p.mrsk(append([]string{"plan"}, args...)...)
	if r.code != 0 && r.code != 3 {
		p.t.Fatalf("mrsk plan: exit %d", r.code)
	}
	return r
}

// get asks for a page, as a client of the lab would, and returns status and body.
func get(t *testing.T, url, host string) (status, body string) {
	t.Helper()
	out := onHost(t, shared.Deployer, fmt.Sprintf(`curl -sk -m 10 -H 'Host: %s' -w '\n%%{http_code}' %s || true`, host, url))
	at := strings.LastIndex(out, "\n")
	return out[at+1:], out[:max(at, 0)]
}

// serves fails the test unless the page on every host has that body.
func serves(t *testing.T, host, want string, vms ...string) {
	t.Helper()
	for _, vm := range vms {
		if status, body := get(t, "http://"+vm+"/version", host); status != "200" || strings.TrimSpace(body) != want {
			t.Errorf("%s serves %s %q, want %q", vm, status, body, want)
		}
	}
}

// containers are the names of the containers on a host that match a docker filter.
func containers(t *testing.T, h *lab.Host, filters ...string) []string {
	t.Helper()
	args := "docker ps --format '{{.Names}}'"
	for _, f := range filters {
		args += " --filter '" + f + "'"
	}
	return strings.Fields(onHost(t, h, args))
}
