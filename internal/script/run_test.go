package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mrsk/internal/remote"
	"mrsk/internal/shell"
)

// asSh makes a PATH on which sh is the given shell.
func asSh(t *testing.T, path string) []string {
	dir := t.TempDir()
	name := filepath.Join(dir, "sh")
	if strings.HasSuffix(path, "busybox") {
		content := "#!/bin/sh\nexec " + path + " sh \"$@\"\n"
		if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, "timeout")); err != nil { // whose ways are its own
			t.Fatal(err)
		}
	} else if err := os.Symlink(path, name); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
}

func inEveryShell(t *testing.T, test func(t *testing.T, h *localHost)) {
	for name, path := range shells(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, &localHost{env: asSh(t, path)})
		})
	}
}

func TestRun_returns_output_byte_for_byte(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		values := []string{"plain", " leading", "trailing\n\n", "", "it's $HOME \\n `x` \"q\"", "多行\n文字", "-n", "%s\\c", strings.Repeat("x", 100_000) + "\n"}
		var s Script
		for _, v := range values {
			s.Steps = append(s.Steps, Step{Name: "echo", Run: shell.Cmd("printf", "%s", v)})
		}
		results, err := s.Run(t.Context(), h, (&recorder{}).sink)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if got := string(results[i].Stdout); got != v {
				t.Errorf("step %d printed %.80q, want %.80q", i, got, v)
			}
		}
	})
}

func TestRun_stops_at_the_first_step_that_fails_and_tells_it(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		rec := &recorder{}
		s := Script{Steps: []Step{
			{Name: "one", Run: shell.Text("echo out; echo err >&2")},
			{Name: "may fail", Run: shell.Text("exit 3"), BestEffort: true},
			{Name: "two", Run: shell.Text("echo before; echo no such thing >&2; false")},
			{Name: "three", Run: shell.Text("echo never")},
		}}
		results, err := s.Run(t.Context(), h, rec.sink)
		var failed *StepError
		if !errors.As(err, &failed) || failed.Step.Name != "two" || failed.Status != 1 {
			t.Fatalf("error is %v", err)
		}
		if got := err.Error(); got != "two: no such thing" {
			t.Errorf("message is %q", got)
		}
		if results[1].Status != 3 || results[3].Ran {
			t.Errorf("results are %+v", results)
		}
		want := []string{"one stdout: out", "one stderr: err", "two stdout: before", "two stderr: no such thing"}
		got := rec.lines()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("lines are %q", got)
		}
	})
}

func TestRun_gives_steps_no_input_and_keeps_what_a_main_step_sets(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		greeting := new(Key)
		s := Script{
			Prelude: "greet() { printf 'hello %s' \"$1\"; }",
			Steps: []Step{
				{Name: "eats input", Run: shell.Text("cat")},
				{Name: "set", Run: shell.Text("name=world"), Main: true},
				{Name: "lost", Run: shell.Text("name=nobody")},
				{Name: "greet", Key: greeting, Run: shell.Text(`greet "$name"`)},
			},
		}
		results, err := s.Run(t.Context(), h, (&recorder{}).sink)
		if err != nil {
			t.Fatal(err)
		}
		if got := results.Of(greeting).Text(); got != "hello world" {
			t.Fatalf("got %q", got)
		}
	})
}

// A cancelled command must not go on behind the operator's back.
func TestRun_ends_what_runs_on_the_host_when_cancelled(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancelCause(t.Context())
		s := Script{Steps: []Step{{Name: "long", Run: shell.Text("echo $$; echo ready; sleep 60; touch " + dir + "/late")}}}
		started := make(chan struct{})
		rec := &recorder{}
		go func() {
			<-started
			cancel(errors.New("enough"))
			_ = h.last.Close()
		}()
		waiting := func() {
			for len(rec.lines()) < 2 {
				time.Sleep(time.Millisecond)
			}
			close(started)
		}
		go waiting()
		_, err := s.Run(ctx, h, rec.sink)
		if err == nil || err.Error() != "enough" {
			t.Fatalf("error is %v", err)
		}
		_ = h.last.Wait() // returns only when nothing holds on to the session any more
		if _, err := os.Stat(dir + "/late"); err == nil {
			t.Fatal("the step ran on")
		}
	})
}

// Half of a program must not run: it could stop a container and never start its successor.
func TestProgram_cut_anywhere_runs_nothing(t *testing.T) {
	dir := t.TempDir()
	s := Script{Steps: []Step{{Name: "a", Run: shell.Cmd("touch", dir+"/ran")}, {Name: "b", Run: shell.Cmd("true")}}}
	text := s.compile(nonce()).text().Reveal()
	for _, cut := range []int{1, len(text) / 3, len(text) / 2, len(text) - 12, len(text) - 1 - len("_program\n")} {
		h := &localHost{}
		session, err := h.Start(t.Context(), Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = session.Stdin().Write([]byte("999999\n" + text[:cut]))
		_ = session.Stdin().Close()
		_ = session.Wait()
		if _, err := os.Stat(dir + "/ran"); err == nil {
			t.Fatalf("ran although cut at %d of %d", cut, len(text))
		}
	}
}

// Login shells that this machine lacks are left out.
func loginShells() (out [][]string) {
	for _, words := range [][]string{{"sh", "-c"}, {"bash", "-c"}, {"zsh", "-c"}, {"fish", "-c"}, {"csh", "-c"}, {"busybox", "sh", "-c"}} {
		if _, err := exec.LookPath(words[0]); err == nil {
			out = append(out, words)
		}
	}
	return out
}

func TestBootstrap_means_the_same_to_every_login_shell(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		for _, h.shell = range loginShells() {
			s := Script{Steps: []Step{{Name: "a", Run: shell.Text("echo hi; jobs")}}}
			results, err := s.Run(t.Context(), h, (&recorder{}).sink)
			if err != nil || string(results[0].Stdout) != "hi\n" {
				t.Errorf("%v: %q, %v", h.shell, results[0].Stdout, err)
			}
			awaitNoGroup(t, h.last.cmd.Process.Pid)
		}
	})
}

// A connection that breaks without a sign leaves the host with a part of the program, or none.
func TestBootstrap_gives_up_when_its_program_does_not_arrive(t *testing.T) {
	line := strings.Replace(Bootstrap, "sleep 300 ", "sleep 0.1 ", 1)
	if line == Bootstrap || !strings.Contains(Bootstrap, fmt.Sprintf("sleep %d ", int(hostTimeout.Seconds()))) {
		t.Fatal("the line does not sleep for hostTimeout")
	}
	inEveryShell(t, func(t *testing.T, h *localHost) {
		for i, login := range loginShells() {
			h.shell = login
			parts := []string{"", "9", "999\n", "999\ntouch ran"}
			for _, part := range parts[i%len(parts):] {
				session, err := h.Start(t.Context(), line)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.WriteString(session.Stdin(), part)
				// The streams end when no process holds them any more.
				out, _ := io.ReadAll(session.Stdout())
				noise, _ := io.ReadAll(session.Stderr())
				var exit *remote.ExitError
				if err := session.Wait(); !errors.As(err, &exit) || len(out) > 0 || len(noise) > 0 {
					t.Errorf("%v after %q: %v, %q, %q", h.shell, part, err, out, noise)
				}
				awaitNoGroup(t, h.last.cmd.Process.Pid)
			}
		}
	})
}

// awaitNoGroup waits until the process group has no member but zombies.
func awaitNoGroup(t *testing.T, group int) {
	t.Helper()
	for range 500 {
		if members := groupMembers(group); len(members) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("left in the group: %v", groupMembers(group))
}

func groupMembers(group int) (out []string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, _ := os.ReadFile(name) // it may have ended
		_, rest, _ := strings.Cut(string(text), ") ")
		if f := strings.Fields(rest); len(f) > 2 && f[2] == strconv.Itoa(group) && f[0] != "Z" {
			out = append(out, string(text))
		}
	}
	return out
}

func TestRun_tells_a_shell_that_gives_up_from_a_step_that_fails(t *testing.T) {
	s := Script{Steps: []Step{{Name: "a", Run: shell.Text("kill -KILL $$")}}}
	_, err := s.Run(t.Context(), &localHost{}, (&recorder{}).sink)
	var unfinished *UnfinishedError
	if !errors.As(err, &unfinished) {
		t.Fatalf("error is %v", err)
	}
}

func TestStepError_begins_with_the_cause(t *testing.T) {
	t.Parallel()
	const unauthorized = "WARNING! Your password will be stored unencrypted in /root/.docker/config.json.\nError response from daemon: unauthorized: no\n"
	for name, tt := range map[string]struct {
		err        StepError
		text, hint string
	}{
		"docker": {
			StepError{Step: Step{Name: "pull image"}, Status: 1, Stderr: []byte(unauthorized)},
			"pull image: the registry refuses the login\nError response from daemon: unauthorized: no", "check registry.username and registry.password",
		},
		"a program of the user's": {
			StepError{Step: Step{Name: "release", Kind: Program}, Status: 1, Stderr: []byte("API says 401 Unauthorized\n")},
			"release: API says 401 Unauthorized", "",
		},
		"docker, which runs no program of the user's": {
			StepError{Step: Step{Name: "release", Kind: Program}, Status: 127, Stderr: []byte("docker: not found\n")},
			"release: Docker is not installed\ndocker: not found", "mrsk server bootstrap installs it; so does mrsk setup",
		},
		"a program of the user's with a status as docker has them": {
			StepError{Step: Step{Name: "release", Kind: Program}, Status: 127, Stderr: []byte("x509: no such file\nsh: rake: not found\n")},
			"release: x509: no such file\nsh: rake: not found", "",
		},
		"a program of the user's with a high status": {
			StepError{Step: Step{Name: "release", Kind: Program}, Status: 255, Stderr: []byte("Uncaught PDOException: unauthorized: token expired\n")},
			"release: Uncaught PDOException: unauthorized: token expired", "",
		},
		"a program of the user's that was killed": {
			StepError{Step: Step{Name: "release", Kind: Program}, Status: 137, Stdout: []byte("migrating\n")},
			"release: the program was killed\nmigrating", "it may have been out of memory: dmesg on the host tells",
		},
		"a program for another architecture": {
			StepError{Step: Step{Name: "release", Kind: Program}, Status: 255, Stderr: []byte("exec /bin/sh: exec format error\n")},
			"release: the image is built for another architecture\nexec /bin/sh: exec format error", "set builder.arch to the architectures of all hosts, such as [amd64, arm64]",
		},
		"a container that is not well": {
			StepError{Step: Step{Name: "wait", Kind: AwaitHealthy}, Status: int(Unwell), Stderr: []byte("health check: exit status 1: no space left on device\n")},
			"wait: health check: exit status 1: no space left on device", "",
		},
		"a container for another architecture": {
			StepError{Step: Step{Name: "wait", Kind: AwaitHealthy}, Status: int(Unwell), Stderr: []byte("container x ended with exit status 255\nthe last lines of its log:\n  | exec /bin/x: exec format error\n")},
			"wait: the image is built for another architecture\ncontainer x ended with exit status 255\nthe last lines of its log:\n  | exec /bin/x: exec format error", "set builder.arch to the architectures of all hosts, such as [amd64, arm64]",
		},
		"nothing but the status": {StepError{Step: Step{Name: "x"}, Status: 3}, "x: exit status 3", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.text || tt.err.Hint() != tt.hint {
				t.Errorf("%q (%q)", got, tt.err.Hint())
			}
		})
	}
}
