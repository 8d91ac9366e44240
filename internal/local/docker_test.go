package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestDocker_is_logged_in_with_just_this_password(t *testing.T) {
	t.Parallel()
	const ann = "YW5uOnNlY3JldA==" // ann:secret
	for name, c := range map[string]struct {
		file, server, password string
		want                   bool
	}{
		"the same":         {`{"auths":{"r:5000":{"auth":"` + ann + `"}}}`, "r:5000", "secret", true},
		"Docker Hub":       {`{"auths":{"https://index.docker.io/v1/":{"auth":"` + ann + `"}}}`, "", "secret", true},
		"another password": {`{"auths":{"r:5000":{"auth":"` + ann + `"}}}`, "r:5000", "changed", false},
		"another registry": {`{"auths":{"r:5000":{"auth":"` + ann + `"}}}`, "other", "secret", false},
		"a store of its own": {
			`{"auths":{"r:5000":{"auth":"` + ann + `"}},"credsStore":"desktop"}`, "r:5000", "secret", false,
		},
		"a helper": {
			`{"auths":{"r:5000":{"auth":"` + ann + `"}},"credHelpers":{"r:5000":"ecr-login"}}`, "r:5000", "secret", false,
		},
		"a token":     {`{"auths":{"r:5000":{"auth":"` + ann + `","identitytoken":"x"}}}`, "r:5000", "secret", false},
		"not JSON":    {`{`, "r:5000", "secret", false},
		"not a login": {`{}`, "r:5000", "secret", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := Docker{Folder: t.TempDir()}
			write(t, filepath.Join(d.Folder, "config.json"), c.file, 0o600)
			if got := d.LoggedIn(c.server, "ann", c.password); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
	if (Docker{Folder: t.TempDir()}).LoggedIn("r:5000", "ann", "secret") {
		t.Error("logged in without a file")
	}
}

func TestDocker_finds_plugins_and_builders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := Docker{Builders: filepath.Join(dir, "buildx"), Plugins: []string{filepath.Join(dir, "none"), dir}}
	write(t, filepath.Join(dir, "docker-buildx"), "", 0o755)
	write(t, filepath.Join(dir, "docker-readme"), "", 0o644)
	write(t, filepath.Join(dir, "buildx", "instances", "mine"), "{}", 0o600)
	for name, want := range map[string]bool{"buildx": true, "readme": false, "compose": false} {
		if got := d.HasPlugin(name); got != want {
			t.Errorf("plugin %s: %t", name, got)
		}
	}
	if !d.HasBuilder("mine") || d.HasBuilder("other") {
		t.Error("the builders are others")
	}
}

func TestFindDocker_looks_where_docker_does(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", "/keep")
	t.Setenv("BUILDX_CONFIG", "")
	d := FindDocker()
	if d.Folder != "/keep" || d.Builders != "/keep/buildx" || d.Plugins[0] != "/keep/cli-plugins" {
		t.Errorf("got %+v", d)
	}
	t.Setenv("DOCKER_CONFIG", "")
	t.Setenv("HOME", "/home/ann")
	if d := FindDocker(); d.Folder != "/home/ann/.docker" {
		t.Errorf("got %+v", d)
	}
}

func TestFind_tells_what_is_missing(t *testing.T) {
	t.Parallel()
	if err := Find("sh"); err != nil {
		t.Error(err)
	}
	var missing *MissingError
	if err := Find("no-such-program"); !errors.As(err, &missing) || missing.Program != "no-such-program" {
		t.Errorf("got %v", err)
	}
}
