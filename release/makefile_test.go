package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standIn is a program go that writes its arguments to the file called, and fails if the file broken exists.
const standIn = `#!/bin/sh
[ "$1" = run ] && [ "$3" = build ] || exit 0
test -d .git && test -z "$(git tag)" || exit 1
mkdir -p "$4" && printf '%s\n' "$5" "$6" > "$4/called"
test ! -e "$BROKEN"
`

// project is a git repository, in a folder with a space, with the Makefile and a tag. It returns what runs make there.
func project(t *testing.T) (dir, broken string, run func(args ...string) (string, error)) {
	t.Helper()
	for _, name := range []string{"make", "git", "bash"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("no " + name)
		}
	}
	programs := t.TempDir()
	dir, broken = filepath.Join(t.TempDir(), "a b"), filepath.Join(programs, "broken")
	text, err := os.ReadFile("../Makefile")
	if err := errors.Join(err, os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "Makefile"), text, 0o600),
		os.WriteFile(filepath.Join(programs, "go"), []byte(standIn), 0o700)); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	in := func(env []string, name string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(env, "PATH="+programs+":"+os.Getenv("PATH"), "BROKEN="+broken, "VERSION=accident", "URL=accident", "MAKEFLAGS=")...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, args := range []string{"init -q", "add Makefile", "-c user.name=x -c user.email=x@example.com commit -qm one", "tag v1.2.3"} {
		if out, err := in(nil, "git", strings.Fields(args)...); err != nil {
			t.Fatal(out, err)
		}
	}
	return dir, broken, func(env ...string) (string, error) { return in(env, "make", "release") }
}

func TestMake_release(t *testing.T) {
	t.Parallel()
	dir, broken, release := project(t)
	called := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "dist", "called"))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	if out, err := release(); err != nil || called() != "v1.2.3\nfile://"+strings.ReplaceAll(dir, " ", "%20")+"/dist\n" {
		t.Errorf("%q, %v\n%s", called(), err, out)
	}
	named := "v2\nhttps://releases.example/v2\n"
	if out, err := release("MRSK_VERSION=v2", "MRSK_URL=https://releases.example/v2"); err != nil || called() != named {
		t.Errorf("%q, %v\n%s", called(), err, out)
	}
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := release(); err == nil || called() != named {
		t.Errorf("after a build that failed: %q, %v\n%s", called(), err, out)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "dist?*")); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
}
