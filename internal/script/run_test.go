package script

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
			{Name: "may fail", Run: shell.Text("exit 3"), Tolerated: true},
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
		s := Script{
			Prelude: []string{"greet() { printf 'hello %s' \"$1\"; }"},
			Steps: []Step{
				{Name: "eats input", Run: shell.Text("cat")},
				{Name: "set", Run: shell.Text("name=world"), Main: true},
				{Name: "lost", Run: shell.Text("name=nobody")},
				{Name: "greet", Run: shell.Text(`greet "$name"`)},
			},
		}
		results, err := s.Run(t.Context(), h, (&recorder{}).sink)
		if err != nil {
			t.Fatal(err)
		}
		if got := results.Get("greet").Text(); got != "hello world" {
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
		"a container that is not well": {
			StepError{Step: Step{Name: "wait", Kind: AwaitHealthy}, Status: int(Unwell), Stderr: []byte("health check: exit status 1: no space left on device\n")},
			"wait: health check: exit status 1: no space left on device", "",
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
