package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/fleet"
	"mrsk/internal/hook"
	"mrsk/internal/inspect"
	"mrsk/internal/local"
	"mrsk/internal/yamltree"
)

// checkout is a project with a commit.
func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "first"}} {
		if _, err := local.Git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCheckout(t *testing.T) {
	t.Parallel()
	const file = "Dockerfile"
	for name, tt := range map[string]struct {
		files  map[string]string
		change func(t *testing.T, dir string)
		want   string
	}{
		"well":               {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/bin/sh\n", ".mrsk/hooks/pre-build": "#!/usr/bin/env sh\n"}},
		"no Dockerfile":      {want: "dockerfile-missing: no Dockerfile: there is no Dockerfile in DIR"},
		"uncommitted":        {files: map[string]string{file: ""}, change: func(t *testing.T, dir string) { write(t, dir, file, "FROM x") }, want: "git-uncommitted: there are uncommitted changes"},
		"not executable":     {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/bin/sh\n"}, change: func(t *testing.T, dir string) { chmod(t, dir, ".mrsk/hooks/pre-deploy") }, want: "git-uncommitted: there are uncommitted changes; hook-broken: hook pre-deploy is not executable"},
		"no interpreter":     {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/no/such/program\n"}, want: "hook-broken: hook pre-deploy needs /no/such/program, which is not installed"},
		"no program":         {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/usr/bin/env no-such-program\n"}, want: "hook-broken: hook pre-deploy needs no-such-program, which is not installed"},
		"env with options":   {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/usr/bin/env -S -u LANG LC_ALL=C sh -e -u\n"}},
		"env with a program": {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/usr/bin/env -S no-such-program -w\n"}, want: "hook-broken: hook pre-deploy needs no-such-program, which is not installed"},
		"env alone":          {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/usr/bin/env\n"}},
		"Windows":            {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "#!/bin/sh\r\n"}, want: "hook-broken: hook pre-deploy has the line ends of Windows"},
		"no first line":      {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "echo\n"}, want: "hook-broken: hook pre-deploy has no #! line"},
		"a sample hook":      {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy.sample": "echo\n"}},
		"a program":          {files: map[string]string{file: "", ".mrsk/hooks/pre-deploy": "\x7fELF\x00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := checkout(t, tt.files)
			if tt.change != nil {
				tt.change(t, dir)
			}
			if got := strings.ReplaceAll(ids(Checkout(t.Context(), scopeOf(t, shop).Project, dir, hook.Folders{Project: dir})), dir, "DIR"); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSamples_and_secrets(t *testing.T) {
	t.Parallel()
	if got := Samples(scopeOf(t, shop).Project); len(got) > 0 {
		t.Errorf("without samples: %v", got)
	}
	sample := strings.NewReplacer("shop.example.com", "app.example.com", "shop", "my-app", "vm1", "192.0.2.10").Replace(shop)
	if got := ids(Samples(scopeOf(t, sample).Project)); got != "sample-value: service is still my-app; sample-value: a server is still 192.0.2.10; sample-value: proxy/host of role web is still app.example.com" {
		t.Errorf("samples: %s", got)
	}
	if got := ids(Secrets(yamltree.Problems{{Text: "A is missing"}, {Text: "B is missing"}}, []string{"C is empty"})); got != "secret-missing: A is missing; secret-missing: B is missing; secret-missing: C is empty" {
		t.Errorf("secrets: %s", got)
	}
	if got := ids(Builder(scopeOf(t, shop).Project, errors.New("no docker\nmore"))); got != "local-docker: no docker" || Builder(scopeOf(t, shop).Project, nil) != nil {
		t.Errorf("builder: %s", got)
	}
}

func TestUnreachable_hosts_come_with_the_hint_of_their_error(t *testing.T) {
	t.Parallel()
	if got := Unreachable(errors.New("no fleet")); got != nil {
		t.Errorf("an error of no host: %v", got)
	}
	got := Unreachable(fmt.Errorf("look: %w", &fleet.Error{Hosts: []fleet.HostError{
		{Host: "vm1", Err: errors.New("connection refused\nand more")},
		{Host: "vm2", Err: fmt.Errorf("log in: %w", hinted("load the key with ssh-add"))},
		{Host: "vm3", Err: hinted("")},
	}}))
	var lines []string
	for _, f := range got {
		lines = append(lines, strings.Join(f.Hosts, ",")+": "+f.What+": "+f.Next)
	}
	want := []string{"vm1: connection refused: ssh vm1 true", "vm2: log in: refused: load the key with ssh-add", "vm3: refused: ssh vm3 true"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
}

// hinted is an error whose hint is its text.
type hinted string

func (hinted) Error() string  { return "refused" }
func (h hinted) Hint() string { return string(h) }

// Before the first deploy there is neither a proxy nor a certificate, and that is no finding.
func TestDrift_counts_once_something_runs(t *testing.T) {
	t.Parallel()
	s := inspect.Status{Drift: []inspect.Drift{
		{ID: inspect.RoleDown, Hosts: []string{"vm1"}, What: "no container runs"},
		{ID: inspect.ProxyDown, Hosts: []string{"vm1"}, What: "there is no proxy", Next: "mrsk proxy boot"},
		{ID: inspect.ProxyDiffers, Hosts: []string{"vm2"}, What: "other options", Next: "mrsk proxy reboot"},
		{ID: inspect.CertificateMissing, Hosts: []string{"vm1"}, What: "there is no certificate"},
		{ID: inspect.CertificateExpiring, Hosts: []string{"vm1"}, What: "it ends soon"},
		{ID: inspect.DiskFull, Hosts: []string{"vm1"}, What: "full"},
	}}
	if got := Drift(s); got != nil {
		t.Errorf("before the first deploy: %v", got)
	}
	s.Roles = []inspect.RoleStatus{{Role: "web", Host: "vm1", Version: "v1", State: "running"}}
	if got, want := ids(Drift(s)), "proxy-state: there is no proxy; proxy-state: other options; certificate-state: there is no certificate; certificate-state: it ends soon"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBuilder_matters_only_where_it_builds(t *testing.T) {
	t.Parallel()
	for builder, want := range map[string]string{
		"arch: amd64": "local-docker: down",
		"arch: amd64, remote: 'ssh://builder', local: false": "",
		"arch: [amd64, arm64], remote: 'ssh://builder'":      "local-docker: down",
	} {
		c := scopeOf(t, strings.Replace(shop, "arch: amd64", builder, 1))
		if got := ids(Builder(c.Project, errors.New("down"))); got != want {
			t.Errorf("%s (local: %t): got %q, want %q", builder, c.Project.Builder.Local, got, want)
		}
	}
}
