//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// all are the hosts of the lab.
var all = []string{"vm1", "vm2", "vm3"}

// hooksShown checks that of hooks there is to be seen what hooks_output says.
func hooksShown(t *testing.T, screen string) {
	t.Helper()
	for text, want := range map[string]bool{
		"hook pre-deploy\n": true, "says-pre-deploy": true,
		"hook pre-build": false, "says-pre-build": false,
		"hook post-deploy\n": true, "says-post-deploy": false,
	} {
		if strings.Contains(screen, text) != want {
			t.Errorf("the screen shows %q: %v, want %v", text, !want, want)
		}
	}
}

// recorded checks what a command has left in its log file.
func recorded(t *testing.T, p *project, command string, words ...string) {
	t.Helper()
	log := p.sh("cat " + p.dir + "/log/*_" + command + ".log")
	for _, want := range append(words, "says-pre-deploy", "Completed in ") {
		if !strings.Contains(log, want) {
			t.Errorf("the log file of %s does not say %q", command, want)
		}
	}
}

func TestDeploy_changes_nothing_when_a_hook_or_the_release_command_fails(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{"config/deploy.yml": config("held", "servers: [vm1, vm2]")})
	p.must("deploy")
	before := state(t)
	p.commit("second")
	for _, name := range []string{"pre-connect", "pre-build", "pre-deploy", "pre-app-boot"} {
		hook := ".mrsk/hooks/" + name
		p.write(hook, "#!/bin/sh\necho no way >&2\nexit 3\n")
		p.fails(1, []string{name, "no way"}, "deploy")
		p.sh("rm " + p.dir + "/" + hook)
		if after := state(t); after != before {
			t.Errorf("%s failed and yet hosts have changed:\n%s\nbefore:\n%s", name, after, before)
		}
	}
	p.write("config/deploy.yml", config("held", "servers: [vm1, vm2]", "release: sh -c 'echo migrating; exit 5'"))
	p.fails(1, []string{"release command", "migrating"}, "deploy")
	if after := state(t); after != before {
		t.Errorf("the release command failed and yet hosts have changed:\n%s", after)
	}
	serves(t, "held.example.com", "first", "vm1", "vm2")
	p.write("config/deploy.yml", config("held", "servers: [vm1, vm2]", "release: sh -c 'echo migrating to $MRSK_VERSION'"))
	p.must("deploy", "--verbose")
	serves(t, "held.example.com", "second", "vm1", "vm2")
}

// state is what runs on the hosts and where requests go, in a form to compare.
func state(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, h := range shared.Hosts {
		out.WriteString(h.Name + ":\n")
		out.WriteString(onHost(t, h, `docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}' | sort; docker exec mrsk-proxy sh -c 'for f in /mrsk/routes/*; do echo $f; cat $f; done' 2>/dev/null; find /run/lock /tmp -name '*.lease.record' 2>/dev/null | wc -l`))
		out.WriteString("\n")
	}
	return out.String()
}
