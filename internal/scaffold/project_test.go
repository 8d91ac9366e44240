package scaffold_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/scaffold"
)

func TestLook(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder, remote, dockerfile string
		want                       scaffold.Project
	}{
		{"shop", "", "", scaffold.Project{Service: "shop"}},
		{"My Shop!", "", "", scaffold.Project{Service: "my-shop"}},
		{"x", "git@example.com:acme/Web.Shop.git", "", scaffold.Project{Service: "web-shop"}},
		{"x", "https://example.com/acme/shop/", "", scaffold.Project{Service: "shop"}},
		{"x", "git@example.com:shop", "", scaffold.Project{Service: "shop"}},
		{"店", "", "", scaffold.Project{}},
		{
			"shop", "", "FROM a\nEXPOSE 3000\nHEALTHCHECK CMD curl localhost http://localhost:3000/healthz",
			scaffold.Project{Service: "shop", Port: 3000, HealthPath: "/healthz", Dockerfile: true},
		},
	} {
		dir := filepath.Join(t.TempDir(), c.folder)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if c.dockerfile != "" {
			if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(c.dockerfile), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := scaffold.Look(dir, c.remote)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%q, %q: %v\n%s", c.folder, c.remote, err, diff)
		}
	}
}

func TestCheck_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]scaffold.Project{
		"": {Service: "shop-2_x", Hosts: []string{"192.0.2.10", "vm1", "deploy@vm2:2222", "[2001:db8::1]:22"}, Domain: "*.example.com"},
		`--service "my app" is not a name for a service`:               {Service: "my app"},
		`--service "Shop" is not a name for a service`:                 {Service: "Shop"},
		`--service "-shop" is not`:                                     {Service: "-shop"},
		`--host "ssh://vm1" is not a host`:                             {Hosts: []string{"vm1", "ssh://vm1"}},
		`--host "vm1,vm2" is not a host`:                               {Hosts: []string{"vm1,vm2"}},
		`--host "vm1:x" is not a host`:                                 {Hosts: []string{"vm1:x"}},
		`--host "" is not a host`:                                      {Hosts: []string{""}},
		`--domain "https://shop.example.com/" is not a domain`:         {Domain: "https://shop.example.com/"},
		`--domain "shop.example.com:80" is not a domain`:               {Domain: "shop.example.com:80"},
		`--domain "shop" is not a domain: give the name only, without`: {Domain: "shop"},
	} {
		err := p.Check()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", p, err, want)
		}
	}
	for text, valid := range map[string]bool{"": true, "80": true, "65535": true, "0": false, "x": false, "65536": false} {
		if _, err := scaffold.ParsePort(text); (err == nil) != valid {
			t.Errorf("port %q: %v", text, err)
		}
	}
}

// What the file says is what config.Load reads from it, whatever the words look like in YAML.
func TestDeployFile_says_what_was_answered(t *testing.T) {
	t.Parallel()
	for _, p := range []scaffold.Project{
		{Service: "shop", Hosts: []string{"192.0.2.10"}},
		{Service: "shop", Hosts: []string{"192.0.2.10", "deploy@vm2:2222", "[2001:db8::1]:22"}, Domain: "shop.example.com", Port: 3000, HealthPath: "/healthz"},
		{Service: "yes", Hosts: []string{"null", "1e3", "on"}, Domain: "*.example.com", HealthPath: "/a%20b~"},
		{Service: "007", Hosts: []string{"1.5", "a:1"}},
	} {
		dir := t.TempDir()
		if _, err := scaffold.Write(dir, p); err != nil {
			t.Errorf("%+v: %v", p, err)
			continue
		}
		c, err := config.Load(config.LoadOptions{ReadFile: func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }})
		if err != nil {
			t.Errorf("%+v: %v", p, err)
			continue
		}
		proxy := c.Roles[0].Proxy
		got := scaffold.Project{Service: c.Service, Hosts: c.Hosts(), Domain: strings.Join(proxy.Hosts, ","), Port: proxy.AppPort, HealthPath: proxy.Healthcheck.Path}
		want := p
		if want.Port == 0 {
			want.Port = 80
		}
		if want.HealthPath == "" {
			want.HealthPath = "/up"
		}
		if diff := cmp.Diff(want, got); diff != "" || !c.Registry.Local() {
			t.Errorf("registry %+v\n%s", c.Registry, diff)
		}
	}
}

// No value of the file is an example that a user forgets to change.
func TestDeployFile_has_no_samples(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := scaffold.Write(dir, scaffold.Project{Service: "shop", Hosts: []string{"vm1"}}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, scaffold.DeployFile))
	if err != nil {
		t.Fatal(err)
	}
	live := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool {
		return line == "" || strings.HasPrefix(strings.TrimSpace(line), "#")
	})
	want := []string{"service: shop", "servers:", "  web:", "    - vm1", "proxy:", "  app_port: 80"}
	if diff := cmp.Diff(want, live); diff != "" {
		t.Error(diff)
	}
}
