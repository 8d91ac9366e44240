package completion

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ shell, env, script, startup string }{
		{"bash", "", "/h/.local/share/bash-completion/completions/mrsk", ""},
		{"bash", "XDG_DATA_HOME", "/XDG_DATA_HOME/bash-completion/completions/mrsk", ""},
		{"bash", "BASH_COMPLETION_USER_DIR", "/BASH_COMPLETION_USER_DIR/completions/mrsk", ""},
		{"fish", "", "/h/.config/fish/completions/mrsk.fish", ""},
		{"fish", "XDG_CONFIG_HOME", "/XDG_CONFIG_HOME/fish/completions/mrsk.fish", ""},
		{"zsh", "", "/h/.local/share/zsh/site-functions/_mrsk", "/h/.zshrc"},
		{"zsh", "ZDOTDIR", "/h/.local/share/zsh/site-functions/_mrsk", "/ZDOTDIR/.zshrc"},
	} {
		getenv := func(name string) string {
			if name == c.env {
				return "/" + name
			}
			return ""
		}
		p, err := PlaceOf(Shell(c.shell), "/h", getenv)
		if err != nil || p.Script != c.script || p.Startup != c.startup || (p.Lines == "") != (p.Startup == "") {
			t.Errorf("%s with %s: %+v, %v", c.shell, c.env, p, err)
		}
	}
	for _, shell := range []Shell{PowerShell, "", "tcsh"} {
		if p, err := PlaceOf(shell, "/h", os.Getenv); !errors.Is(err, ErrUnknownShell) {
			t.Errorf("%q: %+v, %v", shell, p, err)
		}
	}
}

func TestPlaceOf_is_never_relative(t *testing.T) {
	t.Parallel()
	for _, shell := range []Shell{Bash, Fish, Zsh} {
		usual, err := PlaceOf(shell, "/h", func(string) string { return "" })
		if p, relative := PlaceOf(shell, "/h", func(string) string { return "here" }); err != nil || relative != nil || p != usual {
			t.Errorf("%s: %+v, %v, %v", shell, p, err, relative)
		}
		for _, home := range []string{"", "here"} {
			if p, err := PlaceOf(shell, home, func(string) string { return "" }); err == nil || errors.Is(err, ErrUnknownShell) {
				t.Errorf("%s in %q: %+v, %v", shell, home, p, err)
			}
		}
	}
}

func TestInstall_changes_only_what_is_not_there(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := Place{Script: filepath.Join(dir, "a", "b"), Startup: filepath.Join(dir, "rc"), Lines: "one\ntwo\n"}
	if err := os.WriteFile(p.Startup, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		script string
		want   []string
	}{{"v1", []string{p.Script, p.Startup}}, {"v1", nil}, {"v2", []string{p.Script}}} {
		changed, err := p.Install([]byte(c.script))
		if diff := cmp.Diff(c.want, changed); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", c.script, err, diff)
		}
	}
	script, _ := os.ReadFile(p.Script)
	startup, _ := os.ReadFile(p.Startup)
	if string(script) != "v2" || string(startup) != "mine\none\ntwo\n" {
		t.Errorf("the script is %q, the startup file %q", script, startup)
	}
}

func TestInstall_says_what_it_cannot_write(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inFile, aFolder := filepath.Join(dir, "file", "x"), dir
	if changed, err := (Place{Script: inFile}).Install(nil); err == nil || changed != nil {
		t.Errorf("%q, %v", changed, err)
	}
	p := Place{Script: filepath.Join(dir, "script"), Startup: aFolder, Lines: "x\n"}
	if changed, err := p.Install([]byte("x")); err == nil || strings.Join(changed, "") != p.Script {
		t.Errorf("%q, %v", changed, err)
	}
}

func TestInstall_replaces_the_target_of_a_link_in_one_step(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "dotfiles"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, []byte("v1"), 0o600), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if _, err := (Place{Script: link}).Install([]byte("v2")); err != nil {
		t.Fatal(err)
	}
	if read, err := io.ReadAll(old); err != nil || string(read) != "v1" {
		t.Errorf("a shell that reads the old script gets %q, %v", read, err)
	}
	if now, err := os.ReadFile(target); err != nil || string(now) != "v2" {
		t.Errorf("the target of the link has %q, %v", now, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v are there, %v", entries, err)
	}
	if info, err := os.Stat(link); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the mode is %v, %v", info, err)
	}
}

// fullDisk takes a part of what is written.
type fullDisk struct {
	text string
	room int
}

func (f *fullDisk) WriteString(text string) (int, error) {
	n := min(f.room, len(text))
	f.text += text[:n]
	if n < len(text) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func (f *fullDisk) Truncate(size int64) error {
	f.text = f.text[:size]
	return nil
}

func TestAppendAll_appends_all_or_nothing(t *testing.T) {
	t.Parallel()
	for room, want := range map[int]string{0: "mine\n", 3: "mine\n", 10: "mine\nlines\n"} {
		f := &fullDisk{"mine\n", room}
		if err := appendAll(f, 5, "lines\n"); f.text != want || (err == nil) != (room == 10) {
			t.Errorf("room for %d: %q, %v", room, f.text, err)
		}
	}
}

func TestLines_complete_in_zsh_and_run_compinit_once(t *testing.T) {
	t.Parallel()
	zsh, err := exec.LookPath("zsh")
	if err != nil {
		t.Skip("no zsh")
	}
	for name, c := range map[string]struct{ before, want string }{
		"a .zshrc that runs compinit": {"autoload -Uz compinit; compinit -u -D; compinit() { echo again }\n", "_mrsk"},
		"a .zshrc without compinit":   {"fpath=($HOME/fake $fpath)\n", "compinit ran"},
	} {
		home := t.TempDir()
		p, err := PlaceOf(Zsh, home, func(string) string { return "" })
		fake := filepath.Join(home, "fake")
		if err := errors.Join(err, os.Mkdir(fake, 0o700), os.WriteFile(filepath.Join(fake, "compinit"), []byte("echo compinit ran"), 0o600), os.WriteFile(p.Startup, []byte(c.before), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Install([]byte("#compdef mrsk\n")); err != nil {
			t.Fatal(err)
		}
		shell := exec.CommandContext(t.Context(), zsh, "-d", "-i", "-c", "print -r -- $_comps[mrsk]")
		shell.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
		if out, err := shell.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != c.want {
			t.Errorf("%s: %q, %v; want %q", name, out, err, c.want)
		}
	}
}
