package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"mrsk/internal/golden"
)

// The commonest mistakes of the first hour, each with all that the screen then says. The files of
// testdata/mistakes hold cases:
//
//	=== the mistake, and (no hint) if the headline says it all
//	$ commands: cd, export, git and mrsk
//	-- config/deploy.yml --
//	the files of the project (txtar), on top of those of the part "=== project"
//	----
//	what the last command says, and its exit status
//
// Mistakes that show on hosts are in the e2e tests.
func TestMistakes_are_told_with_their_cause_and_what_to_do(t *testing.T) {
	t.Parallel()
	const file = "testdata/mistakes/project.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	project, cases := "", strings.Split("\n"+string(text), "\n=== ")[1:]
	var got strings.Builder
	for _, c := range cases {
		input, _, _ := strings.Cut(c, "\n----\n")
		title, body, _ := strings.Cut(input, "\n")
		if title == "project" {
			project = body
			got.WriteString("=== " + strings.TrimRight(c, "\n") + "\n\n")
			continue
		}
		fmt.Fprintf(&got, "=== %s\n----\n%s\n", strings.TrimRight(input, "\n"), mistaken(t, title, project, body))
	}
	golden.Equal(t, file, strings.TrimSuffix(got.String(), "\n"))
}

// mistaken runs the commands of a case in a folder of its own and returns what the last one said.
func mistaken(t *testing.T, title, project, body string) string {
	t.Helper()
	dir := t.TempDir()
	archive := txtar.Parse([]byte(body))
	for _, file := range append(txtar.Parse([]byte(project)).Files, archive.Files...) {
		path := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u := user{t: t, dir: dir, home: t.TempDir(), env: map[string]string{}}
	for line := range strings.Lines(string(archive.Comment)) {
		u.types(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
	}
	said := strings.NewReplacer(dir, "DIR", filepath.Base(dir), "DIR", u.home, "HOME").Replace(u.said)
	if !strings.HasPrefix(said, "error: ") && !strings.Contains(said, "\nerror: ") {
		t.Errorf("%s: it says no error", title)
	}
	if strings.Contains(said, "\nhint: ") == strings.HasSuffix(title, "(no hint)") {
		t.Errorf("%s: it says\n%s", title, said)
	}
	return said
}

// user types commands in a folder.
type user struct {
	t         *testing.T
	dir, home string
	env       map[string]string
	said      string // by the last mrsk, with its exit status
}

func (u *user) types(line string) {
	u.t.Helper()
	words := strings.Fields(line)
	switch words[0] {
	case "cd":
		u.dir = filepath.Join(u.dir, words[1])
	case "export":
		name, value, _ := strings.Cut(words[1], "=")
		u.env[name] = value
	case "chmod", "rm":
		u.runs(exec.Command(words[0], words[1:]...))
	case "git":
		u.runs(exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@x"}, words[1:]...)...))
	case "mrsk":
		u.said = u.mrsk(words[1:])
	default:
		u.t.Fatalf("no command %q", line)
	}
}

func (u *user) runs(cmd *exec.Cmd) {
	u.t.Helper()
	cmd.Dir = u.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		u.t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

func (u *user) mrsk(args []string) string {
	var out bytes.Buffer
	interrupts := make(chan os.Signal)
	defer close(interrupts)
	code := Main(System{
		In: strings.NewReader(""), Out: &out, Err: &out, Dir: u.dir, Home: u.home, Now: time.Now, Interrupts: interrupts,
		Environ: []string{"PATH=" + os.Getenv("PATH")},
		Getenv:  func(name string) string { return u.env[name] },
		Setenv:  func(string, string) error { return nil },
	}, args)
	return fmt.Sprintf("%s(exit %d)\n", out.String(), code)
}
