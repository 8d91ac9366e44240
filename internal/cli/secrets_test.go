package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/vault"
)

// What a secrets file extracts from must not be among the arguments of a process, in a pipe either.
func TestSecrets_of_a_pipe_are_in_no_argument_list(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "it's mrsk")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nfor a; do printf '<%s>' \"$a\"; done\n[ \"$4\" != - ] || cat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	files := &secretFiles{sys: &System{Dir: dir, Program: program}}
	for command, want := range map[string]string{
		`kamal secrets extract A "$J" | cat`:         `<secrets><extract><A><->{"A": "it's\n100%"}`,
		`true && mrsk secrets extract 'A B' "$J"`:    `<secrets><extract><A B><->{"A": "it's\n100%"}`,
		`mrsk secrets fetch -a test A | cat`:         `<secrets><fetch><-a><test><A>`,
		`mrsk secrets fetch 'A B' >&1`:               `<secrets><fetch><A B>`,
		`mrsk version; mrsk config "$EMPTY"`:         `<version><config><>`,
		`kamal secrets print | sed 's/print/PRINT/'`: `<secrets><PRINT>`,
	} {
		got, err := files.run(t.Context(), command, []string{`J={"A": "it's\n100%"}`, "EMPTY="})
		if err != nil || got != want {
			t.Errorf("%s printed %s, %v; want %s", command, got, err, want)
		}
	}
}

// firstWrite makes a file when something is written, so that a program can wait for it.
type firstWrite struct {
	text strings.Builder
	file string
}

func (w *firstWrite) Write(p []byte) (int, error) {
	n, err := w.text.Write(p)
	return n, errors.Join(err, os.WriteFile(w.file, nil, 0o600))
}

// A password manager may wait for a person, where there is none.
func TestSecrets_that_take_long_are_waited_for_with_a_word(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	screen := &firstWrite{file: filepath.Join(dir, "told")}
	sys := &System{Dir: dir, Err: screen, Getenv: func(string) string { return "" }}
	files := &secretFiles{sys: sys, console: &console{sys: sys, globals: &globals{}, long: time.Millisecond}}
	const wait = "until [ -e told ]; do sleep 0.05; done; rm told"
	if _, err := files.run(t.Context(), wait, os.Environ()); err != nil {
		t.Fatal(err)
	}
	if _, err := files.runVault(t.Context(), vault.Command{Argv: []string{"sh", "-c", wait}}); err != nil {
		t.Fatal(err)
	}
	if want := "still waiting for: a command of the secrets file\nstill waiting for: sh\n"; screen.text.String() != want {
		t.Errorf("the screen has %q, want %q", screen.text.String(), want)
	}
}
