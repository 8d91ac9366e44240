//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// sibling is another checkout of the same test.
func sibling(p *project, name string, files map[string]string) *project {
	p.t.Helper()
	q := &project{t: p.t, dir: p.dir + "-" + name}
	q.sh("rm -rf " + q.dir + " && mkdir -p " + q.dir + " && git init -q " + q.dir)
	q.write("Dockerfile", dockerfile)
	q.write(".mrsk/secrets", "REGISTRY_PASSWORD=x\n")
	for file, content := range files {
		q.write(file, content)
	}
	q.commit(name)
	return q
}

// Two apps share hosts; the one without a host name takes what the other leaves, and the
// catch-all takes nothing from either.
func TestApps_share_hosts(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("named"),
		"config/clash.yml":  config("clash", "proxy:"+proxyRun),
		"config/taken.yml":  config("taken", "proxy:\n  hosts: [taken.example.com, NAMED.example.com.]"+proxyRun),
	})
	q := sibling(p, "rest", map[string]string{"config/deploy.yml": config("rest", "proxy:"+proxyRun)})
	p.must("deploy")
	if status, _ := get(t, "http://vm1/version", "other.example.com"); status != "502" {
		t.Errorf("an unknown name gets %s", status)
	}
	q.must("deploy")
	serves(t, "named.example.com", "first", all...)
	serves(t, "other.example.com", "rest", all...)
	q.must("app", "stop")
	if status, _ := get(t, "http://vm1/version", "other.example.com"); status != "502" {
		t.Errorf("a stopped app answers %s", status)
	}
	serves(t, "named.example.com", "first", all...)
	q.must("app", "start")
	serves(t, "other.example.com", "rest", all...)
	p.fails(1, []string{"same route as rest.web.yml"}, "deploy", "-c", "config/clash.yml")
	p.fails(1, []string{"same route as named.web.yml", "both are for named.example.com:"}, "deploy", "-c", "config/taken.yml")
}

// The root user and a user in the docker group deploy apps of their own to one host, and exclude
// each other from an app that both deploy.
func TestApps_of_two_users(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("rooted")})
	q := sibling(p, "user", map[string]string{
		"config/deploy.yml":      config("users", "ssh:\n  user: deploy"),
		"config/rooted.yml":      config("rooted", "ssh:\n  user: deploy"),
		".mrsk/hooks/pre-deploy": "#!/bin/sh\n[ -z \"$SLOW\" ] || { touch /tmp/inside; while [ ! -e /tmp/go ]; do sleep 0.1; done; }\n",
	})
	p.must("deploy")
	q.must("deploy")
	serves(t, "rooted.example.com", "first", all...)
	serves(t, "users.example.com", "user", all...)

	p.sh("rm -f /tmp/inside /tmp/go")
	slow := &project{t: t, dir: q.dir, env: []string{"SLOW=1"}}
	done := make(chan result, 1)
	go func() { done <- slow.mrsk("deploy", "-c", "config/rooted.yml") }()
	awaitFile(t, "/tmp/inside")
	p.fails(1, []string{"locked on vm1: deployer@example.com runs deploy"}, "deploy")
	p.sh("touch /tmp/go")
	if r := <-done; r.code != 0 {
		t.Errorf("the user's deploy of the app: exit %d", r.code)
	}
	serves(t, "rooted.example.com", "user", all...)
	p.must("deploy")
	serves(t, "rooted.example.com", "first", all...)
}

// A route file that somebody broke stops the routes of all apps: it is told before anything is
// started.
func TestApps_broken_route_of_another_app(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("victim", "servers: [vm1, vm2]")})
	p.must("deploy")
	for _, broken := range []string{`{"http": {"routerz": {}}}`, "http:\n  routers: [\n", `{{ nonsense }}`} {
		put(t, "vm2", "other.web.yml", broken)
		before := state(t)
		p.commit("second")
		p.fails(1, []string{"vm2", "other.web.yml"}, "deploy")
		if after := state(t); after != before {
			t.Errorf("hosts have changed:\n%s\nbefore:\n%s", after, before)
		}
		serves(t, "victim.example.com", "first", "vm1", "vm2")
	}
	onHost(t, shared.Host("vm2"), "docker exec mrsk-proxy rm /mrsk/routes/other.web.yml")
	p.must("deploy")
	serves(t, "victim.example.com", "second", "vm1", "vm2")
}

func put(t *testing.T, vm, file, content string) {
	t.Helper()
	script := "docker exec -i mrsk-proxy sh -c 'cat >/mrsk/routes/" + file + "' <<'END'\n" + content + "\nEND"
	onHost(t, shared.Host(vm), script)
}

// awaitFile waits until a file is there on the deployer.
func awaitFile(t *testing.T, name string) {
	t.Helper()
	onHost(t, shared.Deployer, "for i in $(seq 600); do [ -e "+name+" ] && exit 0; sleep 0.1; done; exit 1")
}

// Users log in as OpenSSH lets them: through a jump host, with a login shell that is no POSIX
// shell, on another port, by an entry of ~/.ssh/config.
func TestSSH_as_users_have_it(t *testing.T) {
	for name, ssh := range map[string]string{
		"jump":   "ssh:\n  proxy: root@vm3",
		"fish":   "ssh:\n  user: fisher",
		"port":   "ssh:\n  port: 2222",
		"config": "ssh:\n  config: config/ssh",
	} {
		t.Run(name, func(t *testing.T) {
			fresh(t)
			servers := "servers:\n  web:\n    hosts: [vm1]"
			if name == "config" {
				servers = "servers:\n  web:\n    hosts: [production]"
			}
			p := newProject(t, map[string]string{
				"config/deploy.yml": config("ssh-"+name, servers, ssh),
				"config/ssh":        "Host production\n  HostName vm1\n  User deploy\n",
			})
			p.must("deploy")
			serves(t, "ssh-"+name+".example.com", "first", "vm1")
		})
	}
	t.Run("changed key", func(t *testing.T) {
		fresh(t)
		p := newProject(t, map[string]string{"config/deploy.yml": config("key")})
		p.must("server", "exec", "true")
		key := strings.Fields(p.sh("ssh-keygen -q -t ed25519 -N '' -f /tmp/other-key </dev/null >/dev/null 2>&1 || true; cat /tmp/other-key.pub"))
		p.sh("cp ~/.ssh/known_hosts /tmp/known; ssh-keygen -R vm2 2>/dev/null >&2; echo vm2 " + key[0] + " " + key[1] + " >>~/.ssh/known_hosts")
		defer p.sh("cp /tmp/known ~/.ssh/known_hosts")
		p.fails(1, []string{"vm2", "host key", "known_hosts:", "ssh-keygen -f"}, "deploy")
	})
}
