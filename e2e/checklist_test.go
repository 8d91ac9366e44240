//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestChecklist goes through what the groups main, app, accessory, traefik and lock promise. It is
// quick, because most of its steps work on one project, one after the other, where the other tests
// of this package begin with bare hosts. A step can also run alone, as in
// -run 'TestChecklist/accessory/logs'.
func TestChecklist(t *testing.T) {
	c := &checklist{}
	for _, step := range []struct {
		name          string
		needs, leaves condition
		do            func(t *testing.T, p *project)
	}{
		{"traefik on a bare host", bare, bare, proxyBooted},
		{"main deploy", bare, firstServes, func(t *testing.T, p *project) { deployed(t, p, c.first) }},
		{"app lists", firstServes, firstServes, func(t *testing.T, p *project) { listed(t, p, c.first) }},
		{"app logs", firstServes, firstServes, logged},
		{"app exec", firstServes, firstServes, executed},
		{"main redeploy", firstServes, secondServes, func(t *testing.T, p *project) { c.second = redeployed(t, p, c.first) }},
		{"main broken deploy", secondServes, secondServes, broken},
		{"lock", secondServes, secondServes, locked},
		{"app maintenance", secondServes, secondServes, maintained},
		{"app stop and start", secondServes, secondServes, stopped},
		{"prune", secondServes, secondServes, func(t *testing.T, p *project) { pruned(t, p, c.first, c.second) }},
		{"main rollback", secondServes, firstServes, func(t *testing.T, p *project) { rolledBack(t, p, c.first, c.second) }},
		{"traefik", firstServes, firstServes, rebootedAndStopped},
		{"main two apps, destinations and certificates", firstServes, firstServes, twoApps},
		{"app remove", firstServes, proxyOnly, appRemoved},
		{"main remove", proxyOnly, bare, allRemoved},
	} {
		t.Run(step.name, func(t *testing.T) {
			p := c.reach(t, step.needs)
			c.now = unknown // if the step fails
			step.do(t, p)
			if !t.Failed() {
				c.now = step.leaves
			}
		})
	}
	// These wait more than they work, and do not touch each other's containers.
	for name, do := range map[string]func(*testing.T){
		"accessory": accessoryLife, "accessories behind the proxy": accessoryServed, "server exec": silent,
	} {
		t.Run(name, func(t *testing.T) { c.reach(t, bare); t.Parallel(); do(t) })
	}
}

// condition is what is on the hosts before and after a step of the checklist. Each can be made from
// the one before it.
type condition int

const (
	unknown      condition = iota
	bare                   // nothing of mrsk
	proxyOnly              // the proxy, and no app
	firstServes            // the proxy, and the first version of the app
	secondServes           // the second version instead, with the first one stopped beside it
)

// checklist is the project that the steps work on.
type checklist struct {
	dir           string
	first, second string // versions; the second is empty until it is deployed
	now           condition
}

// reach returns the project once the hosts are in a condition. What is missing is made first; if
// there is too much, or a step has failed, it begins with bare hosts and a new project.
func (c *checklist) reach(t *testing.T, want condition) *project {
	t.Helper()
	again := want == secondServes && c.now == firstServes && c.second != "" // it was rolled back
	if c.now == unknown || c.now > want || again {
		fresh(t)
		p := listProject(t)
		*c = checklist{dir: p.dir, first: p.sh("cd " + p.dir + " && git rev-parse HEAD"), now: bare}
	}
	p := &project{t: t, dir: c.dir}
	for ; c.now < want; c.now++ {
		switch c.now {
		case bare:
			p.must("proxy", "boot")
		case proxyOnly:
			p.must("deploy")
		case firstServes:
			c.second = p.asset("second")
			p.must("redeploy")
		}
	}
	return p
}

// silent runs a command that says nothing for longer than a host may that does not answer: a sign of
// life is asked for after 5 s, and three may be missed.
func silent(t *testing.T) {
	p := newProject(t, map[string]string{"config/deploy.yml": config("silent")})
	if r := p.must("server", "exec", "sleep 22; echo awake"); strings.Count(r.stdout, "awake") != len(all) {
		t.Errorf("said\n%s", r.stdout)
	}
}

// hooked are hooks that tell what they are told.
var hooked = []string{
	"pre-connect", "pre-build", "post-push", "pre-deploy", "pre-app-boot", "post-app-boot", "post-deploy", "post-rollback", "pre-proxy-reboot", "post-traefik-reboot",
}

const withAssets = dockerfile + "COPY assets /assets\n"

// listProject has two web hosts, one of them with a tag, and roles beside them and elsewhere.
func listProject(t *testing.T) *project {
	t.Helper()
	files := map[string]string{
		"config/deploy.yml": config("list",
			"servers:\n  web:\n    hosts: [vm1, {vm2: tagged}]\n  workers:\n    hosts: [vm3]\n    cmd: lab sleep\n    proxy: false\n  jobs:\n    hosts: [vm3]\n    cmd: lab sleep\n    proxy: false",
			"readiness_delay: 0", "stop_timeout: 1", "drain_timeout: 2", "asset_path: /assets:ro", "error_pages_path: public", "boot: {parallel_roles: true}",
			"hooks_output: {pre-deploy: verbose, pre-build: quiet}", "output: {file: {path: log}}",
			"env:\n  clear:\n    CLEAR: clear value\n  secret: [SECRET, LINES]\n  tags:\n    tagged:\n      clear:\n        TAG: clear tag\n      secret: [SECRET_TAG]",
			"aliases:\n  uname: server exec -q -p uname\n  worker: app exec -r workers --reuse hostname"),
		".mrsk/secrets":   appSecrets,
		"public/503.html": "<h1>Gone fishing</h1>{{ if .Message }}<p>{{ .Message }}</p>{{ end }}",
		"Dockerfile":      withAssets,
	}
	for _, name := range []string{"versions/first", "versions/.hidden-first", "manifest"} {
		files["assets/"+name] = "first"
	}
	for _, name := range hooked {
		files[".mrsk/hooks/"+name] = "#!/bin/sh\necho \"" + name + " v=$MRSK_VERSION hosts=$MRSK_HOSTS service=$MRSK_SERVICE command=$MRSK_COMMAND lock=$MRSK_LOCK who=$MRSK_PERFORMER runtime=${MRSK_RUNTIME:+set}\" >>/tmp/hooks\necho says-" + name + "\n"
	}
	files[".mrsk/hooks/pre-connect"] += "env | grep ^MRSK_\n" // what app exec -v shows of it
	return newProject(t, files)
}

const listHost = "list.example.com"

// ran is what the hooks of a deploy say.
func ran(version, command, end string) string {
	at := func(name, lock, runtime string) string {
		return name + " v=" + version + " hosts=vm1,vm2,vm3 service=list command=" + command + " lock=" + lock + " who=deployer@example.com runtime=" + runtime
	}
	lines := []string{at("pre-connect", "false", "")}
	if command != "rollback" {
		lines = append(lines, at("pre-build", "false", ""), at("post-push", "false", ""))
	}
	return strings.Join(append(lines, at("pre-deploy", "true", ""), at("pre-app-boot", "true", ""), at("post-app-boot", "true", ""), at(end, "false", "set")), "\n")
}

// hooksRan runs a command and compares what its hooks say.
func hooksRan(t *testing.T, p *project, want string, args ...string) result {
	t.Helper()
	p.sh("rm -f /tmp/hooks")
	r := p.must(args...)
	if got := p.sh("cat /tmp/hooks"); got != want {
		t.Errorf("%v ran the hooks\n%s\nwant\n%s", args, got, want)
	}
	return r
}

func deployed(t *testing.T, p *project, version string) {
	hooksShown(t, hooksRan(t, p, ran(version, "deploy", "post-deploy"), "deploy").stderr)
	recorded(t, p, "deploy", "Build and push the image", "docker run ")
	serves(t, listHost, "first", "vm1", "vm2")
	for vm, want := range map[string][]string{"vm1": {"list-web-" + version}, "vm2": {"list-web-" + version}, "vm3": {"list-jobs-" + version, "list-workers-" + version}} {
		if names := containers(t, shared.Host(vm), "label=service=list"); !slices.Equal(slices.Sorted(slices.Values(names)), want) {
			t.Errorf("%s runs %v, want %v", vm, names, want)
		}
	}
	if out := onHost(t, shared.Host("vm1"), "docker exec list-web-"+version+" touch /assets/x 2>&1 || true"); !strings.Contains(out, "Read-only") {
		t.Errorf("the assets can be written: %s", out)
	}
}

func redeployed(t *testing.T, p *project, first string) (second string) {
	second = p.asset("second")
	hooksRan(t, p, ran(second, "redeploy", "post-deploy"), "redeploy")
	recorded(t, p, "redeploy", "Build and push the image")
	serves(t, listHost, "second", "vm1", "vm2")
	if got, want := assets(t, "vm2", second), "manifest=second versions/first=first versions/second=second versions/.hidden-first=first versions/.hidden-second=second"; got != want {
		t.Errorf("the second version has %s, want %s", got, want)
	}
	return second
}

// broken deploys an image that cannot run: nothing is switched, workers are held back and their
// new containers go, the old ones are not touched.
func broken(t *testing.T, p *project) {
	before := state(t)
	p.write("Dockerfile", withAssets+"ENV CRASH=1\n")
	version := p.commit("broken")
	p.fails(1, []string{
		"role web failed: the barrier stays closed, jobs, workers not booted",
		"ended with exit status", `panic: relation "users" does not exist`, "its whole log is in",
	}, "deploy")
	if after := state(t); after != before {
		t.Errorf("hosts have changed:\n%s\nbefore:\n%s", after, before)
	}
	if names := onHost(t, shared.Host("vm3"), "docker ps -a --format '{{.Names}}' --filter name="+version); names != "" {
		t.Errorf("vm3 has %s", names)
	}
	if !strings.Contains(p.sh("cat "+p.dir+"/.mrsk/logs/*"), "connecting to the database") {
		t.Error("the whole log was not saved")
	}
	p.sh("cd " + p.dir + " && git reset -q --hard HEAD^")
}

// pruned boots one version again and again, and removes all that can be removed: the version before
// stays on every host, also where something else has removed the stopped containers.
func pruned(t *testing.T, p *project, first, second string) {
	for range 2 {
		p.must("app", "boot", "--version", second)
	}
	p.must("prune", "containers", "--retain", "1")
	for vm, roles := range map[string]int{"vm1": 1, "vm2": 1, "vm3": 2} {
		left := strings.Fields(onHost(t, shared.Host(vm), "docker ps -a --filter status=exited --filter label=service=list --format '{{.Label \"mrsk.version\"}}' | sort"))
		if want := slices.Sorted(slices.Values(slices.Repeat([]string{first, second}, roles))); !slices.Equal(left, want) {
			t.Errorf("stopped containers on %s are of %v, want %v", vm, left, want)
		}
	}
	onHost(t, shared.Host("vm1"), "docker container prune --force")
	p.must("prune", "all")
	for _, vm := range all {
		left := strings.Fields(onHost(t, shared.Host(vm), "docker image ls registry:5000/list --format '{{.Tag}}' | grep -v ^latest | sort"))
		if want := slices.Sorted(slices.Values([]string{first, second})); !slices.Equal(left, want) {
			t.Errorf("images on %s are of %v, want %v", vm, left, want)
		}
	}
}

func rolledBack(t *testing.T, p *project, first, second string) {
	want := strings.Replace(ran(first, "rollback", "post-rollback"), first, first[:8], 1) // as it was typed
	hooksRan(t, p, want, "rollback", first[:8])
	recorded(t, p, "rollback", "hook pre-connect")
	serves(t, listHost, "first", "vm1", "vm2")
	log := p.must("audit", "--hosts", "vm1").stdout
	a, b, c := strings.Index(log, first), strings.Index(log, second), strings.LastIndex(log, first)
	if !(0 <= a && a < b && b < c) {
		t.Errorf("the audit log does not tell first, second, first:\n%s", log)
	}
	p.sh("rm -f /tmp/hooks")
	p.fails(1, []string{"version nonsense is not on vm1, vm2, vm3", first, second}, "rollback", "nonsense")
	if r := p.must("rollback", "--list"); !inOrder(r.stdout, first+"  runs, since ", second+"  was healthy, until ") {
		t.Errorf("the list of versions is\n%s", r.stdout)
	}
	if got := p.sh("cat /tmp/hooks"); strings.Contains(got, "pre-deploy") {
		t.Errorf("for a version that is not there, hooks ran:\n%s", got)
	}
}

// destined is another app for the same hosts: with destinations, and a certificate of its own.
func destined(t *testing.T, p *project) *project {
	t.Helper()
	p.sh("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tls.example.com -addext subjectAltName=DNS:tls.example.com -keyout /tmp/tls.key -out /tmp/tls.crt 2>/dev/null")
	return sibling(p, "tls", map[string]string{
		"config/deploy.yml": config("tls", "require_destination: true", "readiness_delay: 0", "stop_timeout: 1",
			"aliases: {staged: config -d staging, produced: deploy -d production}",
			"proxy:\n  host: tls.example.com\n  ssl:\n    certificate_pem: CERT\n    private_key_pem: KEY"+proxyRun),
		"config/deploy.staging.yml":    "servers: [vm1]\n",
		"config/deploy.production.yml": "servers: [vm2, vm3]\n",
		".mrsk/secrets-common":         "REGISTRY_PASSWORD=x\nCERT=$(cat /tmp/tls.crt)\nKEY=$(cat /tmp/tls.key)\n",
	})
}

// twoApps share hosts: what one does is not felt by the other.
func twoApps(t *testing.T, p *project) {
	q := destined(t, p)
	q.fails(1, []string{"destination"}, "deploy")
	if r := q.must("staged"); !strings.Contains(r.stdout, "vm1") || strings.Contains(r.stdout, "vm2") {
		t.Errorf("the configuration of staging is\n%s", r.stdout)
	}
	q.must("produced")
	for _, vm := range []string{"vm2", "vm3"} {
		secured(t, vm)
	}
	if status, _ := get(t, "https://vm2/", "other.example.com"); status != "502" {
		t.Errorf("an unknown name gets %s over HTTPS", status)
	}
	q.must("remove", "-y", "-d", "production")
	serves(t, listHost, "first", "vm1", "vm2")
	if status, _ := get(t, "http://vm2/version", "tls.example.com"); status != "502" {
		t.Errorf("the removed app says %s", status)
	}
}

// secured fails the test unless the host serves with the certificate, and leads plain HTTP there.
func secured(t *testing.T, vm string) {
	t.Helper()
	address := strings.Fields(onHost(t, shared.Deployer, "getent hosts "+vm))[0]
	secure := fmt.Sprintf("curl -s -m 10 --cacert /tmp/tls.crt --resolve tls.example.com:443:%s https://tls.example.com/version", address)
	if body := onHost(t, shared.Deployer, secure); body != "tls" {
		t.Errorf("%s serves %q over HTTPS", vm, body)
	}
	plain := fmt.Sprintf("curl -s -m 10 -o /dev/null -w '%%{http_code} %%{redirect_url}' --resolve tls.example.com:80:%s http://tls.example.com/version", address)
	if got := onHost(t, shared.Deployer, plain); got != "301 https://tls.example.com/version" {
		t.Errorf("%s answers plain HTTP with %s", vm, got)
	}
}

func allRemoved(t *testing.T, p *project) {
	p.must("remove", "-y")
	p.must("remove", "-y") // nothing is installed, and that is fine
	for _, vm := range all {
		if left := onHost(t, shared.Host(vm), "docker ps -aq; docker volume ls -q; docker network ls -q --filter name=^mrsk$"); left != "" {
			t.Errorf("left on %s: %s", vm, left)
		}
	}
}
