package traefik

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

func TestBoot_puts_right_whatever_keeps_the_proxy_from_serving(t *testing.T) {
	t.Parallel()
	run := Settings{ProxyRun: config.ProxyRun{Image: config.DefaultProxyImage, Publish: true, HTTPPort: 80, HTTPSPort: 8443}}
	for name, tt := range map[string]struct {
		proxy       facts.Proxy
		cause, line string
	}{
		"serving":            {facts.Proxy{ID: "p", State: "running", Config: run.hash()}, "", ""},
		"with other options": {facts.Proxy{ID: "p", State: "running", Config: "old"}, "", ""},
		"none":               {facts.Proxy{}, "the host has none", "{ { resume_proxy || { replaceable 80 8443 && "},
		"stopped":            {facts.Proxy{ID: "p", State: "exited", Image: run.Image, Config: run.hash()}, "it is exited", "{ { resume_proxy || { replaceable 80 8443 && "},
		"stopped, older":     {facts.Proxy{ID: "p", State: "exited", Config: "old"}, "it is exited and its options differ from the configuration", "{ { remove_containers mrsk-proxy && "},
		"never started":      {facts.Proxy{ID: "p", State: "created", Config: run.hash()}, "it has never been started", "{ { remove_containers mrsk-proxy && "},
		"off its network":    {facts.Proxy{ID: "p", State: "running", Config: run.hash(), Detached: true}, "it runs without the network mrsk, so it reaches no container", "{ { remove_containers mrsk-proxy && "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := facts.Host{Proxy: tt.proxy}
			steps := Boot(h, run)
			if tt.cause == "" {
				if len(steps) > 0 {
					t.Errorf("it does %v", steps)
				}
				return
			}
			if len(steps) != 1 || steps[0].Cause != tt.cause {
				t.Fatalf("got %+v", steps)
			}
			line := steps[0].Run.Wire().Reveal()
			if !strings.Contains(line, strings.TrimPrefix(tt.line, "{ ")) || !strings.HasSuffix(line, "|| { not_started 80 8443 || hindered kamal-proxy traefik; }; } && await_proxy") {
				t.Errorf("it runs %s … %s", line[:100], line[len(line)-120:])
			}
			if after := Booted(h, run); len(Boot(after, run)) > 0 || Differs(after, run) != "" {
				t.Errorf("then it is %+v", after)
			}
		})
	}
}

// dockerd is a docker of which the proxy's container has a state, a network and an endpoint on it:
// what it is told to do is kept in a file.
const dockerd = `case "$*" in
  *State.Status*) cat "$DIR/state" 2>/dev/null || exit 1 ;;
  *State.Running*) cat "$DIR/attached" ;;
  'ps --filter publish='*) cat "$DIR/published" 2>/dev/null || : ;;
  *) echo "$*" >>"$DIR/did"; [ ! -e "$DIR/refuses" ] ;;
esac`

func TestResume_starts_a_proxy_and_sees_that_it_is_on_its_network(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		state, attached string
		refuses, ok     bool
		did             string
	}{
		"it was stopped":              {"exited", "true mrsk abc", false, true, "start mrsk-proxy"},
		"another run was quicker":     {"running", "true mrsk abc", false, true, "start mrsk-proxy"},
		"paused":                      {"paused", "true mrsk abc", false, true, "unpause mrsk-proxy"},
		"on the host's network":       {"exited", "true host ", false, true, "start mrsk-proxy"},
		"in another container's":      {"exited", "true container:x ", false, true, "start mrsk-proxy"},
		"it comes up without network": {"exited", "true mrsk ", false, false, "start mrsk-proxy"},
		"it ends at once":             {"exited", "false mrsk abc", false, false, "start mrsk-proxy"},
		"docker cannot start it":      {"exited", "", true, false, "start mrsk-proxy"},
		"it has never been started":   {"created", "", false, false, ""},
		"there is none":               {"", "", false, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": dockerd})
			if tt.state != "" {
				c.put("state", tt.state+"\n")
			}
			c.put("attached", tt.attached+"\n")
			if tt.refuses {
				c.put("refuses", "")
			}
			if _, ok := c.sh("", "_proxy=mrsk-proxy\n"+c.outside()+"resume_proxy"); ok != tt.ok {
				t.Errorf("ok is %t", ok)
			}
			if did, _ := os.ReadFile(filepath.Join(c.dir, "did")); strings.TrimSpace(string(did)) != tt.did {
				t.Errorf("it did %q", did)
			}
		})
	}
}

// listening is a line of /proc/net/tcp: a socket on a port, with its inode.
func listening(port, inode string) string {
	return "   0: 00000000:" + port + " 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 " + inode + " 1 0000000000000000 100 0 0 10 0\n"
}

func TestNot_started_names_what_has_the_ports_and_keeps_nothing_that_never_ran(t *testing.T) {
	t.Parallel()
	const program = "port 80 of the host is taken by nginx (process 17): stop it, or give the proxy another port with proxy/run"
	for name, tt := range map[string]struct {
		state, published, table string
		says, did               string
		replaced                bool
	}{
		"a container":           {"created", "container mrsk-proxy\ncontainer web\n", "", strings.Replace(program, "nginx (process 17)", "container web", 1), "rm --force mrsk-proxy", true},
		"a program":             {"created", "", listening("0050", "4711"), program, "rm --force mrsk-proxy", true},
		"of somebody else":      {"created", "", listening("0050", "47"), strings.Replace(program, "nginx (process 17)", "another program", 1), "rm --force mrsk-proxy", true},
		"after a reboot":        {"exited", "", listening("0050", "4711"), program, "", false},
		"nothing":               {"created", "container mrsk-proxy\n", listening("1F90", "4711"), "", "rm --force mrsk-proxy", true},
		"a client's connection": {"exited", "", strings.Replace(listening("0050", "4711"), " 0A ", " 01 ", 1), "", "", true},
		"it was never made":     {"", "", "", "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": dockerd})
			for _, dir := range []string{"net", "17/fd", "18/fd"} {
				if err := os.MkdirAll(filepath.Join(c.dir, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("socket:[4711]", filepath.Join(c.dir, "17/fd/3")); err != nil {
				t.Fatal(err)
			}
			c.put("17/comm", "nginx\n")
			c.put("net/tcp", header+tt.table)
			c.put("published", tt.published)
			if tt.state != "" {
				c.put("state", tt.state+"\n")
			}
			shell := "_proxy=mrsk-proxy\nas_root() { \"$@\"; }\n" + docker.Functions.Text() + c.outside()
			out, ok := c.sh("", shell+"not_started 80")
			if did, _ := os.ReadFile(filepath.Join(c.dir, "did")); ok || out != tt.says || strings.TrimSpace(string(did)) != tt.did {
				t.Errorf("ok %t, said %q, did %q", ok, out, did)
			}
			if _, ok := c.sh("", shell+"replaceable 80"); ok != tt.replaced {
				t.Errorf("it may be replaced: %t", ok)
			}
		})
	}
}
