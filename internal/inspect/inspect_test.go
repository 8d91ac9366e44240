package inspect

import (
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/traefik"
)

const shop = `
service: shop
image: acme/shop
servers:
  web: [vm1]
  workers: {hosts: [vm1], cmd: bin/work}
registry: {server: "localhost:5000"}
`

func load(t *testing.T) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(shop), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// host runs the shop as it is in the midst of a deploy: the new web container does not get
// requests yet.
func host(c *config.Scope) facts.Host {
	web, _ := c.Role("web")
	route := traefik.ForRole(c.Project, web, "m-1")
	return facts.Host{
		Name: "vm1", Engine: facts.Engine{Version: "26.1"},
		Containers: []facts.Container{
			{ID: "3333333333333333", Name: "shop-web-v2", Image: "sha256:two", Role: "web", Version: "v2", Alias: "m-2", State: "running", Health: "starting", Created: noon, Started: noon},
			{ID: "2222222222222222", Name: "shop-workers-v1", Image: "sha256:one", Role: "workers", Version: "v1", Alias: "m-w", State: "restarting", Created: noon.Add(-time.Hour), Started: noon.Add(-time.Minute)},
			{ID: "1111111111111111", Name: "shop-web-v1", Image: "sha256:one", Role: "web", Version: "v1", Alias: "m-1", State: "running", Created: noon.Add(-48 * time.Hour), Started: noon.Add(-48 * time.Hour)},
			{ID: "0000000000000000", Name: "shop-web-v0", Role: "web", Version: "v0", State: "exited", ExitCode: 137, Created: noon.Add(-72 * time.Hour), Started: noon.Add(-72 * time.Hour), Finished: noon.Add(-47 * time.Hour)},
			{ID: "9999999999999999", Name: "shop-web-v9", Role: "web", Version: "v9", State: "created", Created: noon.Add(-80 * time.Hour)},
		},
		Images: []facts.Image{
			{ID: "sha256:one", Tags: []string{"localhost:5000/acme/shop:v1", "localhost:5000/acme/shop:latest"}},
			{ID: "sha256:zero"},
		},
		Proxy:  facts.Proxy{ID: "p", State: "running", Image: "traefik:v3.7"},
		Routes: []facts.Route{{File: "mrsk.yml"}, {File: "shop.web.yml", Content: route.Content()}, {File: "other.web.yml"}},
	}
}

func TestHost_as_people_and_scripts_see_it(t *testing.T) {
	t.Parallel()
	c := load(t)
	all := HostOf(c, host(c), true)
	golden.Equal(t, "testdata/host.golden", all.Proxy.Text()+"\n"+all.Text(noon.Add(90*time.Second))+"\n"+HostOf(c, host(c), false).Text(noon.Add(time.Second)))
	text, err := JSON([]Host{all, HostOf(c, facts.Host{Name: "vm2"}, true)})
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/host.json", string(text))
	if empty := HostOf(c, facts.Host{}, true); empty.Text(noon) != "no containers\n" || empty.Proxy.Text() != "no proxy\n" {
		t.Errorf("an empty host: %q, %q", empty.Text(noon), empty.Proxy.Text())
	}
}

func TestHost_in_maintenance(t *testing.T) {
	t.Parallel()
	c := load(t)
	h := host(c)
	h.Routes[1].Content = strings.Replace(h.Routes[1].Content, `"service": "shop.web.m-1"`, `"service": "noop@internal"`, 1)
	seen := HostOf(c, h, false)
	if got := seen.Proxy.Text(); !strings.Contains(got, "route other.web\nroute shop.web, in maintenance\n") {
		t.Errorf("the proxy says\n%s", got)
	}
	if got := seen.Text(noon); !strings.Contains(got, "running for 2 days, in maintenance  v1") || strings.Contains(got, "serving") {
		t.Errorf("the host says\n%s", got)
	}
	text, _ := JSON(seen)
	if !strings.Contains(string(text), `"maintenance": true`) || !strings.Contains(string(text), `"shop.web"`) {
		t.Errorf("as JSON\n%s", text)
	}
}

func TestImages_as_people_see_them(t *testing.T) {
	t.Parallel()
	c := load(t)
	golden.Equal(t, "testdata/images.golden", ImageTable(c.Project, ImagesOf(c.Project, host(c)))+ImageTable(c.Project, nil))
}

// The version of a role is that of the container that gets the requests, not the newest one.
func TestRunningVersion_is_that_which_serves(t *testing.T) {
	t.Parallel()
	c := load(t)
	web, _ := c.Role("web")
	if v := deploy.RunningVersion(c, host(c), web); v != "v1" {
		t.Errorf("web runs %q", v)
	}
	workers, _ := c.Role("workers")
	if v := deploy.RunningVersion(c, host(c), workers); v != "v1" {
		t.Errorf("workers run %q", v)
	}
	if v := deploy.RunningVersion(c, facts.Host{}, web); v != "" {
		t.Errorf("nothing runs, and yet %q", v)
	}
}

func TestLocks_of_one_owner_are_one(t *testing.T) {
	t.Parallel()
	run := `{"who":"ann@example.com","since":"2026-01-02T12:00:00Z","version":"v2","command":"deploy","holder":"a"}`
	frozen := `{"who":"bob@example.com","since":"2026-01-01T12:00:00Z","message":"until noon","holder":"b"}`
	all := Locks([]facts.Host{
		{Name: "vm1", Lock: facts.Lock{Holder: run, Freeze: frozen}},
		{Name: "vm2", Lock: facts.Lock{Holder: run}},
		{Name: "vm3", Lock: facts.Lock{Freeze: "garbage"}},
	})
	text, err := JSON(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		text = append(text, "\n"+l.Text()...)
	}
	golden.Equal(t, "testdata/locks.golden", string(text))
}

func TestAge(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 seconds", 0: "0 seconds", time.Second: "1 second", 59 * time.Second: "59 seconds", 61 * time.Second: "1 minute",
		119 * time.Minute: "1 hour", 47 * time.Hour: "1 day", 100 * 24 * time.Hour: "100 days",
	} {
		if got := Age(noon.Add(d), noon); got != want {
			t.Errorf("Age(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestAccessories_as_people_and_scripts_see_them(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) {
		return []byte(shop + "accessories:\n  db: {image: 'mysql:8', host: vm1}\n  ui: {image: ui, hosts: [vm1, vm2], proxy: {host: ui.example.com}}\n"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := host(c.All())
	h.Accessories = []facts.Accessory{
		{Service: "shop-ui", Reference: "ui", Command: "serve", Container: facts.Container{ID: "4444444444444444", Alias: "m-u", State: "running", Health: "healthy", Created: noon, Started: noon}},
		{Service: "shop-db", Reference: "mysql:5", Command: "mysqld", Container: facts.Container{ID: "5555555555555555", State: "exited", ExitCode: 1, Created: noon, Started: noon, Finished: noon}},
	}
	ui, _ := c.Accessory("ui")
	route := traefik.ForAccessory(ui, "m-u")
	h.Routes = append(h.Routes, facts.Route{File: route.File(), Content: route.Content()})
	all := append(AccessoriesOf(c.All(), h), AccessoriesOf(c.All(), facts.Host{Name: "vm2"})...)
	text := ""
	for _, a := range all {
		text += a.Name + " on " + a.Host + "\n" + a.Text(noon.Add(time.Minute))
	}
	asJSON, err := JSON(all)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/accessories.golden", text+string(asJSON))
}
