package server

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/shell"
)

// onHost runs text with the functions of the package in a home and with locks of its own.
func onHost(t *testing.T, dir string, c *config.Project, text string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Functions.Text()+Prelude(c, "ann@laptop's")+"lock_places() { _locks=$HOME _socket=$HOME/socket; }\nnap() { :; }\n"+text)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func TestAudit_adds_lines_that_show_audit_prints(t *testing.T) {
	t.Parallel()
	stamp := regexp.MustCompile(`\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\]`)
	for destination, want := range map[string]string{
		"":        "[T] [ann@laptop's] [web] Booted $HOME\n[T] [ann@laptop's] Locked",
		"staging": "[T] [ann@laptop's] [staging] [web] Booted $HOME\n[T] [ann@laptop's] [staging] Locked",
	} {
		t.Run("destination "+destination, func(t *testing.T) {
			t.Parallel()
			c := (&config.Project{Service: "shop", Destination: destination})
			write := Audit("", "first").Run.And(Audit("web", "Booted $HOME").Run).And(Audit("", "Locked").Run)
			out, err := onHost(t, t.TempDir(), c.All().Project, write.And(ShowAudit(c.All().Project, "2")).Wire().Reveal())
			if got := stamp.ReplaceAllString(out, "[T]"); err != nil || got != want {
				t.Errorf("%v, it says\n%s", err, got)
			}
		})
	}
}

// A log that an older version made is closed, too.
func TestAudit_lets_nobody_else_read(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), (&config.Project{Service: "shop"})
	log := filepath.Join(dir, ".mrsk", "shop-audit.log")
	if out, err := onHost(t, dir, c.All().Project, `umask 022; mkdir -p "$HOME/.mrsk"; echo old >"$HOME/.mrsk/shop-audit.log"; `+Audit("", "new").Run.Wire().Reveal()); err != nil {
		t.Fatal(out, err)
	}
	info, err := os.Stat(log)
	if text, _ := os.ReadFile(log); err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(string(text), "old\n[") {
		t.Errorf("%v, mode %v, %s", err, info.Mode(), text)
	}
}

func TestLock_file_is_made_for_users_of_Docker_and_kept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := onHost(t, dir, (&config.Project{Service: "shop"}).All().Project, `umask 077; lock_file x && echo "$_lock" && lock_file x && echo "$_lock"`)
	file := filepath.Join(dir, fmt.Sprintf("mrsk-%d", os.Getuid()), "x")
	if err != nil || out != file+"\n"+file {
		t.Fatalf("%v: %s", err, out)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, mode %v", err, info.Mode())
	}
	if out, err := onHost(t, filepath.Join(dir, "nowhere"), (&config.Project{Service: "shop"}).All().Project, "lock_file x"); err == nil || !strings.HasPrefix(out, "cannot use ") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestLocked_frees_the_lock_with_the_end_of_its_step(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), (&config.Project{Service: "shop"})
	probe := fmt.Sprintf(`flock -n 6 6<"$HOME/mrsk-%d/host" && echo free || echo held`, os.Getuid())
	step := Locked(shell.Text("echo inside").Then(shell.Text(probe)))
	out, err := onHost(t, dir, c.All().Project, "( "+step.Wire().Reveal()+" )\n"+probe)
	if err != nil || out != "inside\nheld\nfree" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestLocked_tells_the_status_of_what_it_runs(t *testing.T) {
	t.Parallel()
	_, err := onHost(t, t.TempDir(), (&config.Project{Service: "shop"}).All().Project, Locked(shell.Text("(exit 7)")).Wire().Reveal())
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("got %v", err)
	}
}

func TestObserve_finds_what_the_host_lacks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, p := range programs {
		if p != "flock" && p != "xargs" {
			if err := os.WriteFile(filepath.Join(dir, p), []byte("#!/bin/sh\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	look := Observe()[1]
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", look.Run.Wire().Reveal())
	cmd.Env = []string{"PATH=" + dir}
	out, err := cmd.Output()
	var h facts.Host
	read := Read(func(step string) []byte {
		if step == look.Name {
			return out
		}
		return []byte("26.1.5 arm64\n")
	}, &h)
	// The look ends with the status of its last test, and must not fail for it.
	if err != nil || read != nil {
		t.Errorf("%v, %v", err, read)
	}
	if strings.Join(h.Missing, ",") != "flock,xargs" || h.Engine != (facts.Engine{Version: "26.1.5", Arch: "arm64"}) {
		t.Errorf("got %+v", h)
	}
}

func TestPrograms_are_POSIX_shell(t *testing.T) {
	t.Parallel()
	for _, text := range []string{Prelude((&config.Project{Service: "shop"}).All().Project, "it's"), Functions.Source()} {
		if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), ""); err != nil {
			t.Error(err)
		}
	}
}
