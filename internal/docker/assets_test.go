package docker

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// merged runs the program of the helper container over folders of the test.
func merged(t *testing.T, dir string) (said string, ok bool) {
	t.Helper()
	program := strings.NewReplacer("/new", dir+"/new", "/old", dir+"/old", "/all", dir+"/all", "/before", dir+"/before").Replace(Functions.Text())
	const docker = `docker() { [ "$1" = run ] || return 0; while [ "$1" != -c ]; do shift; done; sh "$@"; }`
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", program+docker+"\nasset_volumes v && bridge_assets v /assets helper image")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func put(t *testing.T, dir string, files ...string) {
	t.Helper()
	for _, f := range files {
		name, text, _ := strings.Cut(filepath.Join(dir, f), "=")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tree is what files a folder holds.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files = append(files, strings.TrimPrefix(name, dir+"/")+"="+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(files, " ")
}

// Of what two versions have under one name, each container keeps its own.
func TestAssets_of_both_versions_are_in_both_containers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "new/app-2.js=2", "new/manifest=new", "new/.hidden-2=2", "new/fonts/a b.woff=2",
		"old/app-1.js=1", "old/manifest=old", "old/.hidden-1=1", "old/fonts/1.woff=1", "all/.keep=",
		"before/app-1.js=1", "before/manifest=old", "before/app-0.js=0")
	if said, ok := merged(t, dir); !ok {
		t.Fatal(said)
	}
	if got, want := tree(t, dir+"/all"), ".hidden-1=1 .hidden-2=2 .keep= app-1.js=1 app-2.js=2 fonts/1.woff=1 fonts/a b.woff=2 manifest=new"; got != want {
		t.Errorf("the new container has %s, want %s", got, want)
	}
	if got, want := tree(t, dir+"/before"), ".hidden-2=2 app-0.js=0 app-1.js=1 app-2.js=2 fonts/a b.woff=2 manifest=old"; got != want {
		t.Errorf("the old container has %s, want %s", got, want)
	}
}

func TestAssets_of_the_first_version(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "new/app.js=1", "old/x=", "all/x=")
	if said, ok := merged(t, dir); !ok || tree(t, dir+"/all") != "app.js=1 x=" {
		t.Errorf("said %q, made %s", said, tree(t, dir+"/all"))
	}
}

func TestAssets_that_are_not_there_are_told(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "old/app.js=1", "all/x=")
	if err := os.Mkdir(dir+"/new", 0o755); err != nil {
		t.Fatal(err)
	}
	if said, ok := merged(t, dir); ok || said != "the image has no files in /assets\n" {
		t.Errorf("ok %t, said %q", ok, said)
	}
}
