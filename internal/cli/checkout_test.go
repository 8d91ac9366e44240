package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/local"
)

// monitored is a checkout in which git status waits for a script.
func monitored(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	monitor := filepath.Join(dir, "monitor")
	if err := os.WriteFile(monitor, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil { //nolint:gosec // git runs it
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--allow-empty", "--message=x"},
		{"config", "core.fsmonitor", monitor},
	} {
		if _, err := local.Git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestVersion_that_git_takes_long_for_is_waited_for_with_a_word(t *testing.T) {
	t.Parallel()
	dir := monitored(t, "until [ -e told ]; do sleep 0.05; done")
	screen := &firstWrite{file: filepath.Join(dir, "told")}
	sys := &System{Dir: dir, Err: screen, Getenv: func(string) string { return "" }}
	c := checkout{console: &console{sys: sys, globals: &globals{}, long: time.Millisecond}, dir: dir}
	if _, err := c.version(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if want := "still waiting for: git, for the version\n"; screen.text.String() != want {
		t.Errorf("the screen has %q, want %q", screen.text.String(), want)
	}
}

func TestVersion_that_git_never_tells_is_an_error(t *testing.T) {
	t.Parallel()
	dir := monitored(t, "while :; do sleep 1; done")
	sys := &System{Dir: dir, Getenv: func(string) string { return "" }}
	c := checkout{console: &console{sys: sys, globals: &globals{}}, dir: dir, limit: time.Second}
	_, err := c.version(t.Context(), false)
	var silent *gitSilentError
	if !errors.As(err, &silent) || !strings.Contains(err.Error(), "look for uncommitted changes: git did not finish within 1s") {
		t.Errorf("the error is %v", err)
	}
}
