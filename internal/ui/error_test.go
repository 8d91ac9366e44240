package ui_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/ui"
	"mrsk/internal/yamltree"
)

// onHost and onHosts stand for the error types of fleet.
type onHost struct {
	name string
	err  error
}

func (e onHost) Error() string    { return e.name + ": " + e.err.Error() }
func (e onHost) HostName() string { return e.name }
func (e onHost) Unwrap() error    { return e.err }

// onHosts folds by itself, so that its text is not that of its errors.
type onHosts []error

func (e onHosts) Error() string   { return fmt.Sprintf("%d hosts say no", len(e)) }
func (e onHosts) Unwrap() []error { return e }
func (e onHosts) Hint() string    { return "try again" }

type advised struct{ text, hint string }

func (e advised) Error() string { return e.text }
func (e advised) Hint() string  { return e.hint }

// stopped has a text of its own and does not repeat what it wraps.
type stopped struct{ err error }

func (e stopped) Error() string { return "deploy stopped, everything is on 3f2a again" }
func (e stopped) Unwrap() error { return e.err }

func TestError(t *testing.T) {
	denied := errors.New("permission denied")
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing", nil, ""},
		{"one line", errors.New("no such role"), "error: no such role\n"},
		{
			"further lines are set off",
			fmt.Errorf("deploy: %w", errors.New("hook pre-build: exit status 1\nfirst\n\nlast\n")),
			"error: deploy: hook pre-build: exit status 1\n  | first\n  |\n  | last\n",
		},
		{
			"control sequences of programs are taken out",
			errors.New("read \x1b[31mred\x1b[0m\x1b]0;title\x07 \a10%\r20%"),
			"error: 20%\n",
		},
		{
			"the outermost hint of a wrapped error",
			fmt.Errorf("build: %w", advised{"docker is not installed", "install docker\nor set builder.remote"}),
			"error: build: docker is not installed\nhint: install docker\n      or set builder.remote\n",
		},
		{
			"joined errors one after the other, equal hints once",
			errors.Join(advised{"a", "wait"}, advised{"b", "wait"}),
			"error: a\nhint: wait\nerror: b\n",
		},
		{
			"two wrapped errors in one sentence are one error",
			fmt.Errorf("run %w: %w", errors.New("docker"), advised{"exit status 1", "look"}),
			"error: run docker: exit status 1\nhint: look\n",
		},
		{
			"one host",
			fmt.Errorf("deploy stopped: %w", errors.Join(onHost{"10.0.0.2", denied})),
			"error: deploy stopped: 10.0.0.2: permission denied\n",
		},
		{
			"a host error that is in no list",
			onHost{"10.0.0.2", advised{"pull: denied", "mrsk registry login"}},
			"error: 10.0.0.2: pull: denied\nhint: mrsk registry login\n",
		},
		{
			"hosts that say the same",
			errors.Join(onHost{"10.0.0.2", denied}, onHost{"10.0.0.3", denied}),
			"error: 10.0.0.2, 10.0.0.3: permission denied\n",
		},
		{
			"several hosts under a count, in order, folded",
			fmt.Errorf("deploy stopped: %w", errors.Join(
				onHost{"10.0.0.2", denied},
				onHost{"10.0.0.4", advised{"pull image: exit status 1\nmanifest unknown", "push it"}},
				onHost{"10.0.0.3", denied})),
			`error: deploy stopped: 3 hosts failed
  10.0.0.2, 10.0.0.3: permission denied
  10.0.0.4: pull image: exit status 1
    | manifest unknown
hint: push it
`,
		},
		{
			"a list of hosts that has a text of its own",
			fmt.Errorf("boot: %w", onHosts{onHost{"a", denied}, onHost{"b", denied}}),
			"error: boot: a, b: permission denied\nhint: try again\n",
		},
		{
			"a wrapper with a text of its own, and an error beside the hosts",
			stopped{errors.Join(onHost{"a", denied}, onHost{"b", errors.New("gone")}, errors.New("lock is lost"))},
			`error: deploy stopped, everything is on 3f2a again: 2 hosts failed
  a: permission denied
  b: gone
error: deploy stopped, everything is on 3f2a again: lock is lost
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, ui.Error(tt.err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestError_shows_the_lines_of_the_file_that_a_problem_is_in(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "deploy.yml")
	text := "enviroment: {}\nservers:\n  web:\n    - 10\n\t\tü: x\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(line, column int) yamltree.Pos { return yamltree.Pos{File: file, Line: line, Column: column} }
	err := yamltree.Problems{
		{Pos: at(1, 1), Text: `unknown key "enviroment"`, Advice: `did you mean "env"?`},
		{Pos: at(4, 7), Path: "servers/web/hosts/0", Text: "should be a string"},
		{Pos: at(5, 4), Text: "odd"},
		{Pos: at(99, 1), Text: "a line that is not there"},
		{Pos: yamltree.Pos{File: "nowhere.yml", Line: 1, Column: 1}, Text: "a file that is not there"},
	}
	want := `error: FILE:1:1: unknown key "enviroment"
    1 | enviroment: {}
      | ^
hint: did you mean "env"?
error: FILE:4:7: servers/web/hosts/0: should be a string
    3 |   web:
    4 |     - 10
      |       ^
error: FILE:5:4: odd
    4 |     - 10
    5 | 		ü: x
      | 		 ^
error: FILE:99:1: a line that is not there
error: nowhere.yml:1:1: a file that is not there
`
	for _, err := range []error{err, errors.Join(err), err.Err()} {
		got := strings.ReplaceAll(ui.Error(err), file, "FILE")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestError_shows_of_a_long_line_what_is_near_the_problem(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "deploy.yml")
	if err := os.WriteFile(file, []byte("short: line\n"+strings.Repeat("a", 1000)+"X"+strings.Repeat("b", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "error: " + file + ":2:1001: odd\n    1 |\n" +
		"    2 | …" + strings.Repeat("a", 78) + "X" + strings.Repeat("b", 80) + "…\n" +
		"      | " + strings.Repeat(" ", 79) + "^\n"
	err := yamltree.Problems{{Pos: yamltree.Pos{File: file, Line: 2, Column: 1001}, Text: "odd"}}
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
}
