package lab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes the files and returns where they lie.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const goMod = "module x\n\nrequire (\n\texample.com/a/v2 v2.1.0 // indirect\n\texample.com/a v1.0.0\n)\n\nrequire example.com/b v0.1.0\n"

func TestModule_tells_the_version_of_a_dependency(t *testing.T) {
	t.Parallel()
	m, err := readModule(folder(t, map[string]string{"go.mod": goMod}))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"example.com/a/v2": "v2.1.0", "example.com/a": "v1.0.0", "example.com/b": "v0.1.0", "example.com": ""} {
		if got := m.version(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestModule_hash_depends_on_every_file(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, files := range []map[string]string{
		{"go.mod": goMod},
		{"go.mod": goMod, "provider.go.txt": "a"},
		{"go.mod": goMod, "provider.go.txt": "b"},
		{"go.mod": goMod, "ext/provider.go.txt": "b"},
	} {
		m, err := readModule(folder(t, files))
		if err != nil || seen[m.hash] {
			t.Errorf("%v: hash %s again, %v", files, m.hash, err)
		}
		seen[m.hash] = true
	}
}

// Checkouts with different modules use one cache: each must find its own, and none a half-built one.
func TestModule_cached_builds_once_per_content(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	built := 0
	get := func(content string) (string, error) {
		m, err := readModule(folder(t, map[string]string{"go.mod": content}))
		if err != nil {
			t.Fatal(err)
		}
		return m.cached("tool-v1", func(out string) error {
			built++
			return errors.Join(os.WriteFile(out, []byte(content), 0o600), map[string]error{"broken": os.ErrInvalid}[content])
		})
	}
	for _, content := range []string{"one", "two", "one", "two"} {
		path, err := get(content)
		if got, _ := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%s: %q, %v", content, got, err)
		}
	}
	for range 2 {
		if path, err := get("broken"); err == nil {
			t.Errorf("a build that fails gives %s", path)
		}
	}
	if built != 4 {
		t.Errorf("built %d times, want each content once and the broken one each time", built)
	}
}

func TestDocker_is_built_in_the_version_that_it_is_called(t *testing.T) {
	t.Parallel()
	m, err := readModule("images/engine")
	if err != nil {
		t.Fatal(err)
	}
	if v := (tools{engine: m}).dockerVersion(); !strings.HasPrefix(v, string(Docker29)+".") {
		t.Errorf("version %q of engine %s", v, Docker29)
	}
}

func TestTraefik_is_built_in_the_version_of_the_tag(t *testing.T) {
	t.Parallel()
	m, err := readModule("images/traefik")
	if err != nil {
		t.Fatal(err)
	}
	if v := (tools{traefik: m}).traefikVersion(); !strings.HasPrefix(v, traefikTag+".") {
		t.Errorf("version %q, tag %q", v, traefikTag)
	}
}
