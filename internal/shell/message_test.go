package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

// Shells quote their source in messages: bash the line that it cannot parse, and the whole command
// when a program was killed.
func TestSecrets_are_in_no_message_of_a_shell(t *testing.T) {
	t.Parallel()
	secret := Secret(redact.New("s3cr3t\nit's $(s3cr3t)"))
	env := Cmd("sh", "-c").Lits(`kill -9 $$`).With("A", secret)
	lines := map[string]Line{
		"killed":           env,
		"killed in a pipe": Cmd("printf", "%s").Add(secret).Pipe(Cmd("sh", "-c", "kill -9 $$")).Then(Text(":")),
		"killed in a part": Text("(").glue(env).glue(Text("; :)")),
		"no parentheses":   Cmd("no-docker").With("A", secret).Given("echo (hi)"),
		"not closed":       Cmd("printf", "%s").Add(secret).Given(`"open`),
		"not there":        Cmd("no-docker").With("A", secret),
		"nowhere to write": Cmd("printf", "%s").Add(secret, Raw(">/dev/full")),
		"no redirection":   Cmd("printf", "%s").Add(secret, Raw(">/nowhere/at/all")),
		"no variable":      Cmd("printf", "%s").Add(secret, Raw(`"${none?is not set}"`)),
		"no substitution":  Cmd("printf", "%s").Add(secret, Raw(`>/dev/null; eval 'echo ${none!x}'`)),
		"too long":         Cmd("/bin/true").Add(Raw(`"$(head -c 200000 /dev/zero | tr '\0' x)"`)).With("A", secret),
	}
	for _, name := range []string{"dash", "bash", "busybox"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Logf("%s is not installed: the tests on real hosts have it", name)
			continue
		}
		for what, line := range lines {
			said := messages(t, path, line)
			if strings.Contains(said, "s3cr3t") || said == "" {
				t.Errorf("%s, %s: %q", name, what, said)
			}
		}
	}
}

// messages are what a shell says when it runs a line out of a file.
func messages(t *testing.T, path string, line Line) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sh")
	if err := os.WriteFile(file, []byte("f() {\n"+line.Wire().Reveal()+"\n}\nf\necho status $? >&2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{file}
	if filepath.Base(path) == "busybox" {
		args = []string{"sh", file}
	}
	var errs strings.Builder
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stderr = &errs
	_ = cmd.Run()
	return errs.String()
}
