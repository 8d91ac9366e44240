package cli

import (
	"os"
	"path/filepath"
	"testing"
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
