package docker

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hanging runs lines of shell with the prelude and a docker whose daemon never answers. A limit of
// a minute takes 0.2 s here.
func hanging(t *testing.T, lines string) (said string, status int) {
	t.Helper()
	dir := t.TempDir()
	fake := "#!/bin/sh\ncase $* in *hung) echo \"$@\"; exec sleep 60 ;; exec* | pull* | logs*) echo \"$@\" ;; *) exec sleep 60 ;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", Functions.Text()+"\ntimeout() { echo limit $1; shift; command timeout 0.2 \"$@\"; }\n"+lines)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestPrelude_ends_docker_commands_when_the_daemon_hangs(t *testing.T) {
	t.Parallel()
	for line, limit := range map[string]string{
		"docker ps --all":                  "60",
		"docker image inspect x":           "60",
		"docker image prune --all --force": "600",
		"docker start x":                   "600",
		"docker stop x":                    "600",
		"docker stop -t 900 x":             "1500",
		"docker rm --force x":              "600",
		"docker unpause x":                 "600",
		"docker cp x:/a -":                 "600",
		"docker volume rm x":               "600",
		"docker network create x":          "60",
		"docker unheard-of":                "60",
	} {
		said, status := hanging(t, line)
		word := strings.Fields(line)[1]
		want := "limit " + limit + "\ndocker " + word + ": no answer within " + limit + " s; the Docker daemon on this host hangs\n"
		if status != 124 || said != want {
			t.Errorf("%s: status %d, %q", line, status, said)
		}
	}
}

func TestPrelude_leaves_pulls_and_programs_in_containers_their_time(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"docker exec -i x sh -c 'a  b'", "docker pull x", "docker exec x"} {
		if said, status := hanging(t, line); status != 0 || strings.Contains(said, "limit") {
			t.Errorf("%s: status %d, %q", line, status, said)
		}
	}
}

// A pull may take an hour. It ends nevertheless when the daemon hangs meanwhile.
func TestPrelude_ends_what_has_no_limit_when_the_daemon_hangs(t *testing.T) {
	t.Parallel()
	const fast = "sleep() { command sleep 0.1; }\n"
	for _, line := range []string{"docker pull hung", "docker run --rm hung", "docker exec x hung", "docker login hung", "docker logs hung"} {
		said, status := hanging(t, fast+line)
		word := strings.Fields(line)[1]
		want := "docker " + word + ": the Docker daemon on this host hangs: it did not answer docker version within 60 s\n"
		if status != 125 || !strings.HasPrefix(said, strings.TrimPrefix(line, "docker ")) || !strings.HasSuffix(said, want) {
			t.Errorf("%s: status %d, %q", line, status, said)
		}
	}
}

// A daemon that answers, even with an error, lets a client go on. The program's status and input are its own.
func TestPrelude_lets_a_long_program_go_on_while_the_daemon_answers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fake := `#!/bin/sh
case $1 in
  version) echo >>"$DIR/asked"; exit 1 ;;
  run) until [ "$(cat "$DIR/asked" 2>/dev/null | wc -l)" -ge 3 ]; do sleep 0.05; done; cat; exit 7 ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, sh := range []string{"dash", "bash"} {
		_ = os.Remove(filepath.Join(dir, "asked"))
		cmd := exec.CommandContext(t.Context(), sh, "-c", Functions.Text()+"\nsleep() { command sleep 0.05; }\ndocker run x")
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "DIR="+dir)
		cmd.Stdin = strings.NewReader("input\n")
		if out, _ := cmd.CombinedOutput(); string(out) != "input\n" || cmd.ProcessState.ExitCode() != 7 {
			t.Errorf("%s: status %d, %q", sh, cmd.ProcessState.ExitCode(), out)
		}
	}
}

// The timeout of busybox leaves a process behind that looks once a second whether the program still runs.
// It must not have what a lock, or the end of a step's output, hangs on.
func TestPrelude_hands_no_lock_to_what_watches_the_time(t *testing.T) {
	t.Parallel()
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("busybox is not installed")
	}
	dir := t.TempDir()
	if err := os.Symlink(busybox, filepath.Join(dir, "timeout")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, descriptor := range []string{"5", "6", "7", "8", "9", "5", "6", "7", "8", "9"} {
		line := []string{"docker ps", "docker run x"}[i/5]
		lines := strings.ReplaceAll("\nexec @>"+dir+"/lock@; flock -n @; "+line+"; exec @>&-; flock -n "+dir+"/lock@ echo free", "@", descriptor)
		cmd := exec.CommandContext(t.Context(), busybox, "sh", "-c", Functions.Text()+lines)
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "free\n" {
			t.Errorf("descriptor %s: %s%v", descriptor, out, err)
		}
	}
}

// A command that reads the operator's input has its secrets on descriptor 6.
func TestPrelude_leaves_descriptors_to_a_program_in_a_container(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\ncat /dev/fd/6; cat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, sh := range []string{"dash", "bash", "busybox"} {
		path, err := exec.LookPath(sh)
		if err != nil {
			t.Logf("%s is not installed", sh)
			continue
		}
		cmd := exec.CommandContext(t.Context(), path, "sh", "-c", Functions.Text()+"\nexec 5<&0; echo secret | docker run --env-file /dev/fd/6 6<&0 <&5")
		if sh != "busybox" {
			cmd.Args = slices.Delete(cmd.Args, 1, 2)
		}
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		cmd.Stdin = strings.NewReader("input\n")
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "secret\ninput\n" {
			t.Errorf("%s: %q %v", sh, out, err)
		}
	}
}

// A signal that the shell catches, as that of a connection that ends, leaves the client running. The undo of its step
// would come too early if the shell did not wait for it.
func TestPrelude_waits_for_a_client_in_spite_of_signals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fake := "#!/bin/sh\nkill -HUP \"$PPID\"; sleep 0.3; kill -TERM \"$PPID\"; sleep 0.3; echo ended; exit 7\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, sh := range []string{"dash", "bash"} {
		cmd := exec.CommandContext(t.Context(), sh, "-c", Functions.Text()+"\ntrap : HUP TERM\ndocker run x\necho \"status $?\"")
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "ended\nstatus 7\n" {
			t.Errorf("%s: %v, %q", sh, err, out)
		}
	}
}
