//go:build e2e

package e2e

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/script"
	"mrsk/lab"
)

// The operator's agent reaches a host only where the project says so, and not one whose key is new.
func TestSSH_lends_the_agent_only_where_it_is_allowed(t *testing.T) {
	const socket = "/tmp/agent-of-e2e"
	onHost(t, shared.Deployer, "ssh-add -D -q 2>/dev/null; rm -f "+socket+"; ssh-agent -a "+socket+" >/tmp/agent.env && SSH_AUTH_SOCK="+socket+" ssh-add -q ~/.ssh/id_ed25519")
	defer onHost(t, shared.Deployer, ". /tmp/agent.env; kill $SSH_AGENT_PID")
	const base = "service: lend\nimage: lend\nservers: [vm1]\nregistry: {server: 'registry:5000', username: me, password: [REGISTRY_PASSWORD]}\n"
	p := newProject(t, map[string]string{"config/deploy.yml": base})
	p.env = []string{"SSH_AUTH_SOCK=" + socket}
	ask := []string{"server", "exec", "--raw", "-p", "ssh-add -l 2>/dev/null || echo none"}
	p.must(ask...) // by now the host's key is known
	for _, test := range []struct{ ssh, conf, want string }{
		{"", "", "none"},
		{"ssh: {forward_agent: false}", "ForwardAgent yes", "none"},
		{"ssh: {forward_agent: true}", "ForwardAgent no", "none"},
		{"ssh: {forward_agent: true}", "", "ED25519"},
		{"", "ForwardAgent yes", "ED25519"},
		{"ssh: {forward_agent: true}", "UserKnownHostsFile \"/tmp/no known\"", "none"},
	} {
		p.write("config/deploy.yml", base+test.ssh+"\n")
		p.sh("rm -f '/tmp/no known'; printf '%s\\n' '" + test.conf + "' >~/.ssh/config")
		if got := p.must(ask...).stdout; !strings.Contains(got, test.want) {
			t.Errorf("%s with %s: the host has %q, want %s", test.ssh, test.conf, got, test.want)
		}
	}
	p.sh("rm -f ~/.ssh/config '/tmp/no known'")
}

// The table of verdicts about hosts, with the sshd and the ssh of the lab. See docs/ssh.md.
func TestSSH_decides_as_the_ssh_program_does(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "remote.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "mrsk/internal/remote")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := shared.Deployer.Write(t.Context(), "/tmp/remote.test", 0o755, program); err != nil {
		t.Fatal(err)
	}
	ran, err := shared.Deployer.Run(t.Context(), nil, "sh", "-c", "mkdir -p /run/sshd && SSHD=/usr/sbin/sshd /tmp/remote.test -test.v -test.run ^TestVerdict")
	if err != nil {
		t.Fatal(err)
	}
	if passed := strings.Count(string(ran.Stdout), "    --- PASS"); passed < 80 || ran.Code != 0 {
		t.Errorf("%d cases, %s: %s%s", passed, ran.Failure, ran.Stdout, ran.Stderr)
	}
}

// A connection can break without a sign while a host waits for its program. No process stays there then,
// whatever shell the host has.
func TestSSH_leaves_no_process_where_the_program_does_not_arrive(t *testing.T) {
	fresh(t)
	line := strings.Replace(script.Bootstrap, "sleep 300 ", "sleep 5 ", 1)
	if line == script.Bootstrap {
		t.Fatal("the exec line has another limit")
	}
	for _, name := range all {
		host := shared.Host(name)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		open := shared.Deployer.Command(ctx, "ssh", "-o", "StrictHostKeyChecking=accept-new", name, line)
		stdin, err := open.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := open.Start(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(stdin, "999\n_program() {") // an error shows as a host that does not wait
		awaitWaiting(t, host, true)
		if err := host.Cut(ctx); err != nil {
			t.Fatal(err)
		}
		awaitWaiting(t, host, false)
		if err := host.Mend(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
		_ = stdin.Close()
		_ = open.Wait()
	}
}

// awaitWaiting waits until a process of the host waits for its program, or none does.
func awaitWaiting(t *testing.T, host *lab.Host, waits bool) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 30*time.Second; {
		found := onHost(t, host, "grep -la '[r]ead -r n; eval' /proc/[0-9]*/cmdline 2>/dev/null | wc -l")
		if waits == (strings.TrimSpace(found) != "0") {
			return
		}
	}
	t.Fatalf("%s: a process waits for its program: %v", host.Name, !waits)
}
