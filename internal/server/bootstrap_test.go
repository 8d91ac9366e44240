package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/shell"
)

// bare is a machine whose programs are few scripts; it returns what bootstrap printed and
// whether it succeeded.
func bare(t *testing.T, programs map[string]string) (out string, ok bool, ran string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"sh", "tr", "grep", "cat", "chmod", "timeout"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "report() { echo \"$*\"; }\n"+shell.Definitions(Bootstrap().Run)+Bootstrap().Run.Wire().Reveal())
	cmd.Env = []string{"PATH=" + dir, "BIN=" + dir}
	text, err := cmd.CombinedOutput()
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return strings.TrimSpace(string(text)), err == nil, strings.TrimSpace(string(log))
}

const (
	root  = `case $1 in -u) echo 0 ;; *) echo root ;; esac`
	user  = `case $1 in -u) echo 1000 ;; -un) echo deploy ;; *) echo deploy ;; esac`
	sudo  = `shift; echo "sudo $*" >>"$BIN/log"; [ "$1" = true ] || AS_ROOT=1 exec "$@"`
	asks  = `exit 1`
	works = `:`
	fails = `exit 1`
	// byHand ends what is said where Docker cannot be installed.
	byHand = "see https://docs.docker.com/engine/install for how to install it by hand"
	// installer is the script of get.docker.com.
	installer = `echo 'printf "#!/bin/sh\n:\n" >"$BIN/docker"; chmod 755 "$BIN/docker"; echo installing'`
)

func TestBootstrap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		programs map[string]string
		ok       bool
		says     string
		ran      string
	}{
		"docker is there": {
			programs: map[string]string{"id": user, "docker": works}, ok: true,
		},
		"root installs with curl": {
			programs: map[string]string{"id": root, "curl": installer}, ok: true, says: "installing\ninstalled",
		},
		"a user with sudo installs with wget and may use docker then": {
			programs: map[string]string{
				"id": user, "sudo": sudo, "usermod": `echo "usermod $*" >>"$BIN/log"`,
				"wget": strings.Replace(installer, ":", `[ \"\$AS_ROOT\" ]`, 1),
			}, ok: true, says: "installing\ninstalled\njoined",
			ran: "sudo true\nsudo sh\nsudo docker version\nsudo true\nsudo usermod -aG docker deploy\nusermod -aG docker deploy",
		},
		"a minimal Debian gets curl first": {
			programs: map[string]string{
				"id": root, "env": `shift; exec "$@"`,
				"apt-get": `echo "apt-get $*" >>"$BIN/log"; [ "$1" = update ] || { printf "#!/bin/sh\necho 'echo \": >\$BIN/docker; chmod 755 \$BIN/docker\" | sh'\n" >"$BIN/curl"; chmod 755 "$BIN/curl"; }`,
			}, ok: true, says: "installed",
			ran: "apt-get update -q\napt-get install -yq --no-install-recommends ca-certificates curl",
		},
		"a Debian that reaches its archive alone installs its package": {
			programs: map[string]string{
				"id": root, "env": `shift; exec "$@"`, "curl": fails,
				"apt-get": `echo "apt-get $*" >>"$BIN/log"; [ "$1" = update ] || { printf "#!/bin/sh\n:\n" >"$BIN/docker"; chmod 755 "$BIN/docker"; }`,
			}, ok: true, says: "https://get.docker.com does not answer; installing docker.io of the distribution in its place\ninstalled",
			ran: "apt-get update -q\napt-get install -yq --no-install-recommends docker.io",
		},
		"a Debian with a package of its own for the client": {
			programs: map[string]string{
				"id": root, "env": `shift; exec "$@"`, "curl": fails,
				"apt-get": `echo "apt-get $*" >>"$BIN/log"; case $* in *docker-cli) printf "#!/bin/sh\n:\n" >"$BIN/docker"; chmod 755 "$BIN/docker" ;; esac`,
			}, ok: true, says: "https://get.docker.com does not answer; installing docker.io of the distribution in its place\ninstalled",
			ran: "apt-get update -q\napt-get install -yq --no-install-recommends docker.io\napt-get update -q\napt-get install -yq --no-install-recommends docker-cli",
		},
		"Alpine installs its package and starts the service": {
			programs: map[string]string{
				"id": user, "doas": sudo, "sleep": works,
				"apk":        `echo 'echo "#!/bin/sh"; echo "[ -e $BIN/up ] && [ \"\$AS_ROOT\" ]"' | sh >"$BIN/docker"; chmod 755 "$BIN/docker"`,
				"rc-update":  works,
				"rc-service": `: >"$BIN/up"`,
				"addgroup":   works,
			}, ok: true, says: "installed\njoined",
			ran: "sudo true\nsudo apk add docker\nsudo docker version\nsudo rc-update add docker default\nsudo rc-service docker start\nsudo docker version\nsudo true\nsudo addgroup deploy docker",
		},
		"docker is installed and does not start": {
			programs: map[string]string{
				"id": root, "sleep": works, "systemctl": works,
				"curl": `echo 'printf "#!/bin/sh\necho no engine >&2; exit 1\n" >"$BIN/docker"; chmod 755 "$BIN/docker"'`,
			},
			says: "no engine",
		},
		"a user without sudo cannot install": {
			programs: map[string]string{"id": user, "sudo": asks, "curl": installer},
			says:     "Docker is missing, and this user is neither root nor may use sudo or doas without a password; " + byHand,
		},
		"nothing to fetch with": {
			programs: map[string]string{"id": root}, says: "Docker is missing, and so are curl and wget, with which it could be fetched; " + byHand,
		},
		"the download fails": {
			programs: map[string]string{"id": root, "curl": fails},
		},
		"a user outside of the group, without sudo": {
			programs: map[string]string{"id": user, "docker": fails},
			says:     "this user may not use Docker, and may not use sudo or doas without a password to change that",
		},
		"root, and docker does not run": {
			programs: map[string]string{"id": root, "docker": `echo 'Cannot connect to the Docker daemon' >&2; exit 1`},
			says:     "Cannot connect to the Docker daemon",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, ok, ran := bare(t, c.programs)
			if ok != c.ok || out != c.says || ran != c.ran {
				t.Errorf("ok %t, said %q, ran\n%s", ok, out, ran)
			}
		})
	}
}
