package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
)

func sh(line string) Command { return Command{Argv: []string{"/bin/sh", "-c", line}} }

func TestRun_gives_directory_environment_and_input(t *testing.T) {
	t.Parallel()
	c := sh(`cat; echo "$GREETING"; pwd -P; echo trouble >&2`)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c.Dir, c.Env, c.Stdin = dir, []string{"GREETING=hello"}, strings.NewReader("input\n")
	got, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Result{"input\nhello\n" + dir + "\n", "trouble\n"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRun_tells_lines_as_they_come(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []event.Event
	c := sh(`printf 'one\r\ntw'; printf 'o\n\nlast'`)
	c.Step = "build"
	c.Sink = func(e event.Event) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, e)
	}
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var want []event.Event
	for _, text := range []string{"one", "two", "", "last"} {
		want = append(want, event.Line{Step: "build", Stream: "stdout", Text: text})
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

func TestRun_tells_status_and_last_lines(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), sh("seq 1 7 >&2; exit 3"))
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Status != 3 || exit.Stderr != "1\n2\n3\n4\n5\n6\n7\n" {
		t.Fatalf("err = %#v", err)
	}
	if want := "/bin/sh: exit status 3: 3\n4\n5\n6\n7"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	_, err = Run(t.Context(), sh("kill -KILL $$"))
	if !errors.As(err, &exit) || exit.Status != 137 || err.Error() != "/bin/sh: exit status 137" {
		t.Errorf("err = %v", err)
	}
}

func TestRun_tells_that_a_program_is_missing(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), Command{Argv: []string{"no-such-program"}})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Program != "no-such-program" || missing.Hint() == "" {
		t.Fatalf("err = %v", err)
	}
	if _, err := Run(t.Context(), Command{Argv: []string{"/bin/sh"}, Dir: "/no/such/folder"}); errors.As(err, &missing) {
		t.Errorf("a missing folder is taken for a missing program: %v", err)
	}
}

func TestRun_names_the_interpreter_that_a_script_lacks(t *testing.T) {
	t.Parallel()
	for first, want := range map[string]string{
		"#!/no/such/sh":      "there is no program /no/such/sh, which its first line names",
		"#! /no/such/env sh": "there is no program /no/such/env, which its first line names",
		"#!/bin/sh\r":        "its first line, #!/bin/sh, ends in a carriage return",
	} {
		script := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(script, []byte(first+"\nexit 0\n"), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
		_, err := Run(t.Context(), Command{Argv: []string{script}})
		var absent *InterpreterError
		if !errors.As(err, &absent) || absent.Error() != want || absent.Hint() == "" {
			t.Errorf("%q: %v", first, err)
		}
	}
	_, err := Run(t.Context(), Command{Argv: []string{filepath.Join(t.TempDir(), "script")}})
	if absent := new(InterpreterError); errors.As(err, &absent) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a script that does not exist: %v", err)
	}
}

func TestRun_ends_the_whole_group_when_cancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	c := sh(`trap 'wait; touch parent; exit' TERM
		(trap 'touch child; exit' TERM; echo ready; while :; do sleep 0.01; done) &
		wait`)
	c.Dir = dir
	c.Sink = func(event.Event) { cancel(interrupted) }
	if _, err := Run(ctx, c); !errors.Is(err, interrupted) {
		t.Errorf("err = %v", err)
	}
	for _, name := range []string{"child", "parent"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the %s got no TERM", name)
		}
	}
}

func TestRun_gives_output_to_whom_it_is_told_to(t *testing.T) {
	t.Parallel()
	var stdout, stderr strings.Builder
	c := sh("echo out; echo trouble >&2; exit 2")
	c.Stdout, c.Stderr = &stdout, &stderr
	got, err := Run(t.Context(), c)
	if got != (Result{}) || stdout.String() != "out\n" || stderr.String() != "trouble\n" {
		t.Errorf("kept %q, given %q and %q", got, &stdout, &stderr)
	}
	if err == nil || err.Error() != "/bin/sh: exit status 2" {
		t.Errorf("err = %v", err)
	}
}

// The terminal lets only programs in the foreground group read: that of mrsk.
func TestRun_in_the_foreground_stays_in_the_group_and_ends_with_TERM(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	dir := t.TempDir()
	c := sh("trap 'touch termed; exit' TERM; echo $$; while :; do sleep 0.01; done")
	c.Dir, c.Foreground = dir, true
	group := 0
	c.Sink = func(e event.Event) {
		if line, ok := e.(event.Line); ok {
			pid, _ := strconv.Atoi(line.Text)
			group, _ = syscall.Getpgid(pid)
		}
		cancel(interrupted)
	}
	if _, err := Run(ctx, c); !errors.Is(err, interrupted) {
		t.Errorf("err = %v", err)
	}
	if group != syscall.Getpgrp() {
		t.Errorf("it is in group %d, mrsk in %d", group, syscall.Getpgrp())
	}
	if _, err := os.Stat(filepath.Join(dir, "termed")); err != nil {
		t.Error("it got no TERM")
	}
}

func TestRun_does_not_start_when_cancelled_before(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	c := sh("touch started")
	c.Dir = dir
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "started")); err == nil {
		t.Error("it was started")
	}
}

func TestCommand_shows_what_it_is_told_to(t *testing.T) {
	t.Parallel()
	c := Command{Argv: []string{"docker", "login"}}
	if c.String() != "docker login" {
		t.Error(c.String())
	}
	c.Shown = "docker login -p [REDACTED]"
	if c.String() != c.Shown {
		t.Error(c.String())
	}
}

func TestPipe_is_a_stream_to_a_command(t *testing.T) {
	t.Parallel()
	p, err := Pipe(t.Context(), "cat")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(p, "hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(p, got); err != nil || string(got) != "hello" {
		t.Fatalf("%q, %v", got, err)
	}
	closed := make(chan error, 1)
	go func() { closed <- p.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(4 * time.Second):
		t.Error("Close waits")
	}
}

func TestGit_runs_in_a_folder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Git(t.Context(), dir, "init", "-q", "-b", "trunk"); err != nil {
		var missing *MissingError
		if errors.As(err, &missing) {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	got, err := Git(t.Context(), dir, "symbolic-ref", "HEAD")
	if err != nil || got != "refs/heads/trunk" {
		t.Errorf("%q, %v", got, err)
	}
	_, err = Git(t.Context(), dir, "no-such-command")
	var exit *ExitError
	if !errors.As(err, &exit) {
		t.Errorf("err = %v", err)
	}
}

// A program that never stops writing filled the memory.
func TestRun_ends_a_program_that_writes_too_much(t *testing.T) {
	t.Parallel()
	got, err := Run(t.Context(), sh("yes"))
	if err == nil || !strings.Contains(err.Error(), "it wrote more than 32 MB") || len(got.Stdout) > mostKept {
		t.Errorf("%d bytes, %v", len(got.Stdout), err)
	}
	// What is told line by line, and complaints, are kept for the case of an error: the end does.
	noisy := sh(`yes garbage | head -c 40000000 >&2; echo the end >&2; exit 3`)
	got, err = Run(t.Context(), noisy)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.HasSuffix(got.Stderr, "the end\n") || len(got.Stderr) > mostKept {
		t.Errorf("%d bytes, %v", len(got.Stderr), err)
	}
}

// Services of systemd have no HOME, and ssh finds the user's files all the same.
func TestHome_is_that_of_the_account_without_HOME(t *testing.T) {
	account, err := user.Current()
	if err != nil || account.HomeDir == "" {
		t.Skip("the account has no home")
	}
	t.Setenv("HOME", "")
	if got := Home(); got != account.HomeDir {
		t.Errorf("got %q, want %q", got, account.HomeDir)
	}
	t.Setenv("HOME", "/elsewhere")
	if got := Home(); got != "/elsewhere" {
		t.Errorf("got %q", got)
	}
}
