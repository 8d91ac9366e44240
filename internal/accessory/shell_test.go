package accessory

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/facts"
)

// onHost runs text with the functions of the package in a home of its own, where docker is a
// script of the test.
func onHost(t *testing.T, home, docker, text string) (string, error) {
	t.Helper()
	bin := t.TempDir()
	for name, program := range map[string]string{
		"docker": docker, "chown": `[ "$1" != nobody-here ] && [ "$1" != forbidden ]`, "program": "umask 077\n" + Functions.Text() + text,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+program+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(bin, "program"))
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "HOME=" + home}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// said is a docker that tells what it was asked for.
const said = `echo "docker $*"`

func mode(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%o", info.Mode().Perm())
}

func TestPrepare_makes_folders_and_files_with_their_modes(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	u := unit(t, "db")
	u.Accessory.Directories = u.Accessory.Directories[:1]
	u.Accessory.Directories[0].Mode = "750"
	want := []string{"-n %s \\n it's `id` $HOME 部署\r\n\n", "\x00binary\xff\n" + strings.Repeat("it's long\n", longText)}
	u.Files = want
	run := func(u Unit) {
		t.Helper()
		for _, s := range u.Prepare() {
			if out, err := onHost(t, home, said, s.Run.Wire().Reveal()); err != nil || out != "" {
				t.Fatalf("%s: %v: %s", s.Name, err, out)
			}
		}
	}
	// Docker has made a folder where it missed a file.
	if err := os.MkdirAll(filepath.Join(home, "shop-db/etc/mysql/my.cnf"), 0o755); err != nil {
		t.Fatal(err)
	}
	run(u)
	run(u) // once more, over what is there
	if got := mode(t, filepath.Join(home, "shop-db")); got != "700" {
		t.Errorf("others see what is in the folder: mode %s", got)
	}
	for i, name := range []string{"shop-db/etc/mysql/my.cnf", "shop-db/docker-entrypoint-initdb.d/seed"} {
		got, err := os.ReadFile(filepath.Join(home, name))
		if err != nil || string(got) != want[i] {
			t.Errorf("%s: %v, %q", name, err, got)
		}
	}
	for name, want := range map[string]string{
		"shop-db/data": "750", "shop-db/etc": "755", "shop-db/etc/mysql/my.cnf": "755", "shop-db/docker-entrypoint-initdb.d/seed": "640",
	} {
		if got := mode(t, filepath.Join(home, name)); got != want {
			t.Errorf("%s has mode %s, want %s", name, got, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(home, ".mrsk-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A container that shares the folder may put links in it. Who writes the file may be root.
func TestPut_file_does_not_write_through_a_link(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	precious, folder := filepath.Join(home, "passwd"), filepath.Join(home, "shop-db/etc")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(precious, []byte("root"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"my.cnf", "my.cnf.mrsk-new"} {
		if err := os.Symlink(precious, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := onHost(t, home, said, `echo new | put_file "$HOME/shop-db/etc/my.cnf" 755 '' mysql:8.0 cat`); err != nil || out != "" {
		t.Errorf("%v: %s", err, out)
	}
	for path, want := range map[string]string{precious: "root", filepath.Join(folder, "my.cnf"): "new\n"} {
		if text, _ := os.ReadFile(path); string(text) != want {
			t.Errorf("%s: %q", path, text)
		}
	}
	if got := mode(t, precious); got != "600" {
		t.Errorf("mode %s", got)
	}
}

func TestPut_file_leaves_a_folder_with_something_in_it(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	inside := filepath.Join(home, "shop-db/etc/mysql/my.cnf/precious")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := onHost(t, home, said, unit(t, "db").Prepare()[3].Run.Wire().Reveal()); err == nil || !strings.Contains(out, "my.cnf") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(inside); err != nil {
		t.Error(err)
	}
}

// Who logs in may not be root, and an owner's name may be known to the image alone.
func TestAllow_asks_a_container_for_what_the_user_may_not_do(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string]string{
		"1000:1000":   "",
		"nobody-here": "docker run --rm --network none --user 0 --volume %s/x:/mrsk --entrypoint chown mysql:8.0 nobody-here /mrsk",
		"forbidden":   "docker run --rm --network none --user 0 --volume %s/x:/mrsk --entrypoint chown mysql:8.0 forbidden /mrsk",
	} {
		home := t.TempDir()
		out, err := onHost(t, home, said, `make_folder "$HOME/x" 700 `+owner+" mysql:8.0")
		if err != nil || out != strings.ReplaceAll(want, "%s", home) {
			t.Errorf("%s: %v: %s", owner, err, out)
		}
	}
	if out, err := onHost(t, t.TempDir(), "echo 'no chown in this image' >&2; exit 127", `make_folder "$HOME/x" '' forbidden scratch`); err == nil || out != "no chown in this image" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestRemoveFolder_removes_it_with_all_that_is_in_it(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, name := range []string{"shop-db/data/.hidden", "shop-other"} {
		if err := os.MkdirAll(filepath.Join(home, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	u := made(unit(t, "db"), nil)
	steps := u.RemoveFolder("")
	if len(steps) != 1 {
		t.Fatalf("%d steps", len(steps))
	}
	if out, err := onHost(t, home, said, steps[0].Run.Wire().Reveal()); err != nil || out != "" {
		t.Fatalf("%v: %s", err, out)
	}
	if left, _ := filepath.Glob(filepath.Join(home, "*")); len(left) != 1 || filepath.Base(left[0]) != "shop-other" {
		t.Errorf("left: %v", left)
	}
}

// A folder that only happens to be called like an accessory is somebody else's.
func TestRemoveFolder_leaves_what_is_not_the_accessorys(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]Unit{
		"an accessory without files": made(unit(t, "search"), nil),
		"no folder":                  made(unit(t, "db"), func(a *facts.Accessory) { a.Folder = false }),
	} {
		if steps := u.RemoveFolder(""); len(steps) != 0 {
			t.Errorf("%s: %v", name, steps)
		}
	}
}

func TestPrelude_is_POSIX_shell(t *testing.T) {
	t.Parallel()
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(Functions.Source()), ""); err != nil {
		t.Error(err)
	}
}
