//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// roles has the web role on two hosts and workers on the third.
const roles = `servers:
  web:
    hosts: [vm1, vm2]
  workers:
    hosts: [vm3]
    cmd: /bin/lab sleep`

// Batches that are done go back when a later one fails.
func TestRoles_batches_go_back_together(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("batches", flags, withEnv("CRASH_FILE: /flags/crash"), "boot:\n  limit: 1\n  wait: 1")})
	p.must("deploy")
	before := state(t)
	p.commit("second")
	onHost(t, shared.Host("vm3"), "mkdir -p /var/flags && touch /var/flags/crash")
	defer onHost(t, shared.Host("vm3"), "rm -rf /var/flags")
	underTraffic(t, "batches.example.com", func() {
		p.fails(1, []string{"vm3", "ended with exit status"}, "deploy")
	})
	serves(t, "batches.example.com", "first", all...)
	if after := state(t); after != before {
		t.Errorf("hosts have changed:\n%s\nbefore:\n%s", after, before)
	}
	onHost(t, shared.Host("vm3"), "rm -rf /var/flags")
	p.must("deploy")
	serves(t, "batches.example.com", "second", all...)
}

// A role that publishes a port of its own cannot run twice: the old container stops first, and
// is started again when the new one fails.
func TestRoles_with_a_published_port_change_one_after_the_other(t *testing.T) {
	fresh(t)
	servers := "servers:\n  web:\n    hosts: [vm1]\n    proxy: false\n    options:\n      publish: [\"8080:80\"]"
	p := newProject(t, map[string]string{"config/deploy.yml": config("fixed", servers, "proxy: {run: {image: 'registry:5000/traefik:v3.7'}}")})
	p.must("deploy")
	says := func(want string) {
		t.Helper()
		if _, body := get(t, "http://vm1:8080/version", "x"); strings.TrimSpace(body) != want {
			t.Errorf("port 8080 serves %q, want %q", body, want)
		}
	}
	says("first")
	p.commit("second")
	if r := p.plan(); !strings.Contains(r.stdout, "its old container stops first, because it publishes port 8080") {
		t.Error("the plan does not say that the role is down for a moment")
	}
	p.must("deploy")
	says("second")
	p.write("Dockerfile", dockerfile+"ENV CRASH=1\n")
	p.commit("broken")
	p.fails(1, []string{"ended with exit status"}, "deploy")
	says("second")
}

func TestRoles_names_of_sixty_characters(t *testing.T) {
	long(t)
	fresh(t)
	padded := func(word string) string { return word + strings.Repeat("x", 60-len(word)) }
	service, role, destination := padded("service"), padded("web"), padded("production")
	servers := "servers:\n  " + role + ":\n    hosts: [vm1, vm2]"
	p := newProject(t, map[string]string{
		"config/deploy.yml":                     config(service, servers, "primary_role: "+role),
		".mrsk/secrets-common":                  "REGISTRY_PASSWORD=x\n",
		"config/deploy." + destination + ".yml": "proxy:\n  host: long.example.com\n",
	})
	p.must("deploy", "-d", destination)
	serves(t, "long.example.com", "first", "vm1", "vm2")
	p.commit("second")
	p.must("deploy", "-d", destination)
	serves(t, "long.example.com", "second", "vm1", "vm2")
}

// A role that is renamed must not work on beside its successor; workers that are held back start
// only after the primary role is healthy.
func TestRoles_renamed_while_held_back_and_behind_a_stopped_proxy(t *testing.T) {
	fresh(t)
	held := "boot:\n  barrier: before_start"
	p := newProject(t, map[string]string{"config/deploy.yml": config("renamed", roles, held)})
	p.must("deploy")
	p.write("config/deploy.yml", config("renamed", strings.Replace(roles, "workers:", "jobs:", 1), held))
	second := p.commit("second")
	onHost(t, shared.Host("vm1"), "docker stop mrsk-proxy")
	r := p.must("deploy")
	if !inOrder(r.all(), "wait until renamed-web-"+second[:12]+" is healthy: done", "gate: a container of the primary role is healthy", "start container renamed-jobs-"+second[:12]+": done") {
		t.Error("jobs did not wait for web")
	}
	serves(t, "renamed.example.com", "second", "vm1", "vm2")
	if names := containers(t, shared.Host("vm3"), "label=service=renamed"); len(names) != 1 || names[0] != "renamed-jobs-"+second {
		t.Errorf("vm3 runs %v", names)
	}
	left(t, p, held)

	onHost(t, shared.Host("vm1"), "docker stop mrsk-proxy")
	p.must("app", "remove")
	if files := onHost(t, shared.Host("vm1"), "docker start mrsk-proxy >/dev/null && docker exec mrsk-proxy sh -c 'ls /mrsk/routes; ls /mrsk/certs'"); strings.TrimSpace(files) != "mrsk.yml" {
		t.Errorf("vm1 has still %s", files)
	}
}

// left takes vm3 out of the configuration and turns vm2 from web to jobs.
func left(t *testing.T, p *project, held string) {
	t.Helper()
	moved := strings.NewReplacer("workers:", "jobs:", "[vm1, vm2]", "[vm1]", "[vm3]", "[vm2]").Replace(roles)
	p.write("config/deploy.yml", config("renamed", moved, held))
	p.commit("third")
	departs, unserved := "vm3 is no longer in the configuration", "vm2 no longer serves requests: role web leaves it, which now has role jobs"
	if r := p.plan(); !strings.Contains(r.stdout, departs) || !strings.Contains(r.stdout, unserved) {
		t.Errorf("the plan is\n%s", r.stdout)
	}
	before := state(t)
	p.fails(1, []string{departs, unserved, "add -y to confirm"}, "deploy")
	if after := state(t); after != before {
		t.Errorf("hosts have changed without consent:\n%s\nbefore:\n%s", after, before)
	}
	p.must("deploy", "-y")
	serves(t, "renamed.example.com", "third", "vm1")
	if status, _ := get(t, "http://vm2/version", "renamed.example.com"); status != "502" {
		t.Errorf("vm2 says %s", status)
	}
	p.must("app", "remove", "--departed", "vm3")
	if names := onHost(t, shared.Host("vm3"), "docker ps -a --format '{{.Names}}' --filter label=service=renamed; docker image ls -q registry:5000/renamed"); names != "" {
		t.Errorf("left on vm3: %s", names)
	}
}

// inOrder reports whether the texts come one after the other.
func inOrder(all string, texts ...string) bool {
	for _, text := range texts {
		at := strings.Index(all, text)
		if at < 0 {
			return false
		}
		all = all[at+len(text):]
	}
	return true
}
