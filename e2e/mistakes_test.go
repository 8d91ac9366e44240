//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// A mistake breaks something on vm1 or in the project, and is undone.
type mistake struct {
	name           string
	config         string
	damage, repair string // scripts on vm1
	onDeployer     bool   // the scripts are for the deployer
	files          map[string]string
	committed      bool // the files are, too
	args           []string
	warns          bool // the command goes through all the same
	says           []string
	never          []string
}

var mistakes = []mistake{
	{
		name: "no Docker", damage: "command -v docker >/root/docker.path && mv $(cat /root/docker.path) /root/docker.away", repair: "mv /root/docker.away $(cat /root/docker.path)",
		args: []string{"app", "details"}, says: []string{"Docker is not installed", "hint: mrsk server bootstrap installs it"},
	},
	{
		name: "daemon down", damage: "mv /var/run/docker.sock /var/run/docker.away", repair: "mv /var/run/docker.away /var/run/docker.sock",
		args: []string{"app", "details"}, says: []string{"the Docker daemon does not run", "hint: start it: systemctl start docker"},
	},
	{
		name: "no rights", config: "ssh:\n  user: deploy", damage: "chgrp root /var/run/docker.sock", repair: "chgrp docker /var/run/docker.sock",
		args: []string{"app", "details"}, says: []string{"this user may not use Docker", "hint: mrsk server bootstrap adds the user to the group docker"},
	},
	{
		name: "port taken", config: "accessories:\n  helper:\n    image: registry:5000/busybox\n    host: vm1\n    port: \"9999:80\"\n    cmd: sleep 60",
		damage: "docker run -d --name taker -p 9999:80 registry:5000/busybox sleep 600", repair: "docker rm -f taker",
		args: []string{"accessory", "boot", "helper"}, says: []string{"port 9999 of the host is taken by container taker", "hint: stop it, or choose another port"},
		never: []string{"Unable to find image"},
	},
	{
		name: "port taken by a program", config: "accessories:\n  helper:\n    image: registry:5000/busybox\n    host: vm1\n    port: \"22:80\"\n    cmd: sleep 60",
		args: []string{"accessory", "boot", "helper"}, says: []string{"port 22 of the host is taken", "hint: see by what: ss -ltnp 'sport = :22'"},
		never: []string{"Unable to find image"},
	},
	{
		name: "accessory that does not run", config: "accessories:\n  helper:\n    image: registry:5000/busybox\n    host: vm1\n    cmd: sleep 60",
		args: []string{"accessory", "exec", "--reuse", "helper", "true"}, says: []string{"vm1", "helper"}, never: []string{"Error response"},
	},
	{
		name: "registry misspelt", config: "registry:\n  server: regsitry.invalid:5000\n  username: user\n  password: [REGISTRY_PASSWORD]",
		args: []string{"deploy"}, says: []string{"there is no host regsitry.invalid", "hint: check registry.server"},
	},
	{
		name: "another port", config: "proxy:\n  host: mistake.example.com\n  app_port: 3000\n  healthcheck: {interval: 1}\n  run: {image: \"registry:5000/traefik:v3.7\"}\ndeploy_timeout: 4",
		args: []string{"deploy"}, says: []string{"the app listens on port 80, not on 3000", "hint: set proxy.app_port: 80"},
	},
	{
		name: "loopback only", config: "env:\n  clear: {BIND: 127.0.0.1}\ndeploy_timeout: 4",
		args: []string{"deploy"}, says: []string{"the app listens on port 80 of its loopback only", "hint: let it listen on 0.0.0.0"},
	},
	{
		name: "slow start", config: "env:\n  clear: {BOOT_DELAY: 60s}\ndeploy_timeout: 4",
		args: []string{"deploy"}, says: []string{"nothing answers on port 80", "hint: if the app starts slowly, raise deploy_timeout"},
	},
	{
		name: "not healthy", config: "env:\n  clear: {UNHEALTHY_FOR: 60s}\ndeploy_timeout: 4",
		args: []string{"deploy"}, says: []string{"GET /up answers 503", "hint: the log of the container may tell why"},
	},
	{
		name: "failing RUN", files: map[string]string{"Dockerfile": "FROM registry:5000/busybox\nRUN echo no compiler; exit 3\n"}, committed: true,
		args: []string{"deploy"}, says: []string{"no compiler", "RUN echo no compiler; exit 3 failed with exit status 3", "hint: mrsk build dev"}, never: []string{"exit status 1"},
	},
	{
		name: "missing file", files: map[string]string{"Dockerfile": "FROM registry:5000/busybox\nCOPY nowhere /\n"}, committed: true,
		args: []string{"deploy"}, says: []string{"the build context has no", "nowhere", "hint: commit the file"}, never: []string{"exit status 1"},
	},
	{
		name: "misspelt Dockerfile", files: map[string]string{"Dockerfile": "FORM registry:5000/busybox\n"}, committed: true,
		args: []string{"deploy"}, says: []string{"the Dockerfile has an error on line 1: unknown instruction: FORM", "hint: correct the line"}, never: []string{"exit status 1"},
	},
	{
		name: "health path", config: "proxy:\n  host: mistake.example.com\n  healthcheck: {path: /nowhere, interval: 1}\n  run: {image: \"registry:5000/traefik:v3.7\"}\ndeploy_timeout: 4",
		args: []string{"deploy"}, says: []string{"GET /nowhere answers 404", "hint: set proxy.healthcheck.path to a path that the app has"},
	},
	{
		name: "crash at the start", config: withEnv("CRASH: 1"),
		args: []string{"deploy"}, says: []string{"ended with exit status", `relation "users" does not exist`},
	},
	{
		name: "command missing", config: "servers:\n  web:\n    hosts: [vm1]\n    cmd: bin/wroker",
		args: []string{"deploy"}, says: []string{"the image has no program bin/wroker that can be run", "hint: check cmd"},
	},
	{
		name: "wrong password", config: "registry:\n  server: 127.0.0.1:5099\n  username: user\n  password: [REGISTRY_PASSWORD]",
		files: map[string]string{".mrsk/secrets": "REGISTRY_PASSWORD=of-somebody-else\n"}, committed: true,
		onDeployer: true, damage: lockedRegistry, repair: "kill $(cat /tmp/locked/pid)",
		args: []string{"deploy"}, says: []string{"the registry refuses the login", "hint: check registry.username and registry.password"},
		never: []string{"of-somebody-else"},
	},
	{
		name: "no space for images", damage: "for dir in " + ingests + "; do mkdir -p $dir; mount -t tmpfs -o nr_inodes=1 full $dir; done", repair: "umount " + ingests,
		files: map[string]string{"version": "a layer that vm1 does not have"}, committed: true,
		args: []string{"deploy"}, says: []string{"vm1", "the disk is full", "hint: see what takes the space: docker system df"},
	},
	{
		name: "no space for records", damage: "mkdir -p /root/.mrsk; mount -t tmpfs -o nr_inodes=1 full /root/.mrsk", repair: "umount /root/.mrsk",
		args: []string{"deploy", "--verbose"}, says: []string{"vm1: write the audit log: failed (ignored)"}, warns: true,
	},
	{
		name:  "not executable",
		files: map[string]string{"start": "#!/bin/sh\n", "Dockerfile": dockerfile + "COPY --chmod=644 start /bin/start\nENTRYPOINT [\"/bin/start\"]\n"}, committed: true,
		args: []string{"deploy"}, says: []string{"/bin/start of the image is not executable", "hint: make it executable and commit that: chmod +x"},
	},
	{
		name: "a file in the place of a folder", config: "volumes: [\"/etc/hostname:/etc\"]",
		args: []string{"deploy"}, says: []string{"/etc/hostname of the host cannot be mounted at /etc", "hint: check its rights, and that it is a folder where the image has one"},
	},
	{
		name: "another architecture", config: "servers:\n  web:\n    hosts: [vm1]\n    cmd: of-arm64",
		files: map[string]string{"of-arm64": forARM64, "Dockerfile": dockerfile + "COPY --chmod=755 of-arm64 /bin/of-arm64\n"}, committed: true,
		args: []string{"deploy"}, says: []string{"the image is built for another architecture", "hint: set builder.arch"},
	},
	{
		name: "uncommitted changes", files: map[string]string{"version": "changed"}, warns: true,
		args: []string{"build", "push"}, says: []string{"there are uncommitted changes; they are not part of the image"},
	},
	{
		name: "unknown version", args: []string{"rollback", "nosuchversion"}, says: []string{"nosuchversion"},
	},
}

// ingests are where engines put what they pull before they unpack it.
const ingests = "/var/lib/docker/tmp /var/lib/docker/containerd/io.containerd.content.v1.content/ingest"

// lockedRegistry is a registry with a password that nobody knows.
const lockedRegistry = `mkdir -p /tmp/locked && cd /tmp/locked
echo 'user:$2y$05$abcdefghijklmnopqrstuuM9NqKq1vYF3VJm1q3rVYcGm1Y1Jx1Gy' >users
printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: /tmp/locked/store}}\nhttp: {addr: "127.0.0.1:5099"}\nauth: {htpasswd: {realm: lab, path: /tmp/locked/users}}\n' >registry.yml
setsid docker-registry serve registry.yml </dev/null >/tmp/locked/log 2>&1 &
echo $! >pid; until curl -s -o /dev/null http://127.0.0.1:5099/; do sleep 0.1; done`

// forARM64 is the beginning of a program for another machine than any of the lab's, which a kernel
// looks no further into: magic, 64 bits, little endian, version 1; type 2, machine 183, sizes of tables.
var forARM64 = "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00\xb7\x00\x01\x00\x00\x00" + strings.Repeat("\x00", 40)

// Each error has the cause as its headline, names the host or the file, and says what to do next.
func TestMistakes_are_told_with_their_cause_and_what_to_do(t *testing.T) {
	fresh(t)
	onHost(t, shared.Host("vm1"), "docker pull -q registry:5000/busybox")
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			more := []string{"servers:\n  web:\n    hosts: [vm1]"}
			if strings.HasPrefix(m.config, "servers:") {
				more = nil
			}
			if m.config != "" {
				more = append(more, sections(m.config)...)
			}
			p := newProject(t, map[string]string{"config/deploy.yml": config("mistake", more...)})
			for name, text := range m.files {
				p.write(name, text)
			}
			if m.committed {
				p.commit("second")
			}
			if m.damage != "" {
				damaged := shared.Host("vm1")
				if m.onDeployer {
					damaged = shared.Deployer
				}
				onHost(t, damaged, m.damage)
				defer onHost(t, damaged, m.repair)
			}
			r := p.mrsk(m.args...)
			if failed := r.code != 0; failed == m.warns {
				t.Errorf("exit %d", r.code)
			}
			for _, words := range m.says {
				if !strings.Contains(r.all(), words) {
					t.Errorf("it does not say %q", words)
				}
			}
			for _, words := range append(m.never, "WARNING! Your", "not found: sh", "eval:") {
				if strings.Contains(firstError(r.stderr), words) {
					t.Errorf("it is headed by %q", words)
				}
			}
		})
	}
}

// sections parts a text of several keys at the top level.
func sections(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, " ") {
			out = append(out, "")
		}
		out[len(out)-1] += line
	}
	for i := range out {
		out[i] = strings.TrimSuffix(out[i], "\n")
	}
	return out
}

func firstError(stderr string) string {
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "error: ") {
			return line
		}
	}
	return ""
}
